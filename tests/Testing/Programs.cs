using System.Diagnostics;

namespace SendExchange.Testing;

/// <summary>Programs of the system that tests call.</summary>
public static class Programs
{
    /// <summary>Full path of a program in one of the folders or, failing that, on PATH; null where there is none.</summary>
    public static string? Find(string program, params IEnumerable<string> folders) =>
        folders
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs to the end and gives its standard output.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0; the message holds what it said.</exception>
    public static async Task<string> Run(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? folder = null
    )
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{command[0]}' did not start.");
        var said = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"'{string.Join(' ', command)}' ended with {process.ExitCode}: {output}{await said}");
    }
}
