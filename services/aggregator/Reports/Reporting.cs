using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using SendExchange.Aggregator.Clock;
using SendExchange.Aggregator.Facts;
using SendExchange.Aggregator.Packs;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Reports;

/// <summary>The gRPC face of the reports; each method is in a file of its name.</summary>
[Authorize]
public sealed partial class Reporting(
    [FromKeyedServices(Aggregator.Name)] Database database,
    Arrival arrival,
    LawInForce inForce,
    TimeProvider clock,
    ILogger<Reporting> logger
) : ReportService.ReportServiceBase
{
    /// <summary>The trailer of a stream: how many cases in its scope hold a fact that cannot be read. Absent: none.</summary>
    private const string UnreadableCases = "unreadable-cases";

    private const int FirstYear = 2014; // The Regulations came into force on 1 September 2014.
    private const int LastYear = 2100;

    /// <summary>Which authorities a caller asks about and may see: a set, however often each was named.</summary>
    /// <param name="All">No authority was named: all that there are, with regions and England.</param>
    /// <param name="Organisations">Those named, as la:350; for <paramref name="All"/> empty.</param>
    private sealed record Scope(bool All, IReadOnlyList<string> Organisations)
    {
        /// <summary>Ends a where clause over a column <c>authority</c>; the parameter is <c>@authorities</c>.</summary>
        public string Clause => All ? "" : "and authority in @authorities";
    }

    /// <summary>An inspector sees every authority, an authority itself; nobody else sees any.</summary>
    private static Scope ScopeOf(Caller caller, IEnumerable<string> authorities)
    {
        var named = new List<string>();
        foreach (var number in authorities)
        {
            if (LocalAuthorities.Find(number) is not { } authority)
            {
                throw GrpcErrors.Invalid(
                    ("authorities", $"hold {FactValues.Shown(number)}; expected are DfE numbers of local authorities, e.g. 350")
                );
            }
            if (!named.Contains(authority.Organisation))
            {
                named.Add(authority.Organisation);
            }
        }
        if (caller.Roles.Contains("inspector"))
        {
            return new Scope(named.Count == 0, named);
        }
        if (!caller.Roles.Contains("sender") || OrganisationId.LocalAuthorityNumber(caller.Organisation) is null)
        {
            throw GrpcErrors.Denied("Reports need the role inspector, or the role sender of a local authority.");
        }
        if (named.Any(n => n != caller.Organisation))
        {
            throw GrpcErrors.Denied($"{caller.Organisation} sees its own figures only.");
        }
        return new Scope(false, [caller.Organisation]);
    }

    private static void CheckYear(int year)
    {
        if (year is < FirstYear or > LastYear)
        {
            throw GrpcErrors.Invalid(("year", $"is {year}; a year from {FirstYear} to {LastYear} is expected"));
        }
    }

    /// <summary>The day of as_known_on; null where it was left out. What will be known after today nobody can say.</summary>
    private DateOnly? KnownOn(string text)
    {
        const string field = "as_known_on";
        if (text.Length == 0)
        {
            return null;
        }
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            throw GrpcErrors.Invalid((field, $"is {FactValues.Shown(text)}; a calendar date is expected, e.g. 2024-01-08"));
        }
        var today = London.Today(clock);
        return day <= today
            ? day
            : throw GrpcErrors.Invalid((field, $"is {Text(day)}; a day up to today, {Text(today)} in London, is expected"));
    }

    /// <summary>How many cases are set aside, with what was last read of them, because they hold a fact that cannot be read.</summary>
    /// <param name="caseId">One case only; empty: all of the scope.</param>
    private async Task<int> Unreadable(Scope scope, string caseId, CancellationToken cancellationToken) =>
        (
            await database.Query<int>(
                $"""
                select count(*) from findings
                where code = @code {scope.Clause} and (@caseId = '' or case_id = @caseId)
                """,
                new
                {
                    code = Changes.UnreadableFact,
                    authorities = scope.Organisations,
                    caseId,
                },
                cancellationToken
            )
        )[0];

    private static void TellUnreadable(ServerCallContext context, int cases)
    {
        if (cases > 0)
        {
            context.ResponseTrailers.Add(UnreadableCases, cases.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The end of that day in London, as the instant that everything known on it came before.</summary>
    private static DateTimeOffset EndOf(DateOnly day) => London.StartOf(day.AddDays(1));

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(DateOnly? day) => day is { } d ? Text(d) : "";

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
