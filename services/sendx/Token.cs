using System.CommandLine;
using SendExchange.Chassis;

namespace SendExchange.Sendx;

/// <summary><c>sendx token</c>: a token for trying things out, signed with a data folder's development key.</summary>
internal static class TokenCommand
{
    private static readonly string[] _roles = ["sender", "adviser", "subscriber", "inspector", "operator"];

    public static Command Create()
    {
        var organisation = new Option<string>("--organisation")
        {
            Description = "Whom the token speaks for, e.g. la:350, icb:QJ2 or inspectorate:ofsted.",
            Required = true,
        };
        var role = new Option<string[]>("--role")
        {
            Description = "What it may do.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        role.AcceptOnlyFromAmong(_roles);
        var days = new Option<int>("--days") { Description = "How many days it is valid.", DefaultValueFactory = _ => 1 };
        var data = new Option<string>("--data")
        {
            Description = "Data folder whose development key signs.",
            DefaultValueFactory = _ => DataFolder.Default,
        };
        var command = new Command("token", "Prints a token signed with the development key in the data folder.")
        {
            organisation,
            role,
            days,
            data,
        };
        command.SetAction(async parsed =>
        {
            var whom = parsed.GetValue(organisation)!;
            if (whom.IndexOf(':') is < 1 || whom.EndsWith(':'))
            {
                await Console.Error.WriteLineAsync(
                    $"sendx: --organisation is '{whom}'; expected kind:code, e.g. la:350 or inspectorate:ofsted."
                );
                return Exit.Usage;
            }
            if (DataFolder.KeyAt(parsed.GetValue(data)!) is not { } key)
            {
                await Console.Error.WriteLineAsync($"sendx: no development key in {parsed.GetValue(data)}; sendx up makes one.");
                return Exit.Usage;
            }
            Console.WriteLine(
                Auth.DevelopmentToken(
                    key,
                    whom,
                    parsed.GetValue(role)!,
                    TimeProvider.System.GetUtcNow(),
                    TimeSpan.FromDays(parsed.GetValue(days))
                )
            );
            return Exit.Done;
        });
        return command;
    }
}
