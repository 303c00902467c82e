using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using SendExchange.Aggregator.Facts;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Reports;

/// <summary>The gRPC face of the reports; each method is in a file of its name.</summary>
[Authorize]
public sealed partial class Reporting([FromKeyedServices(Aggregator.Name)] Database database, Arrival arrival, TimeProvider clock)
    : ReportService.ReportServiceBase
{
    private const int FirstYear = 2014; // The Regulations came into force on 1 September 2014.
    private const int LastYear = 2100;

    /// <summary>Which authorities a caller asks about and may see.</summary>
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
                throw GrpcErrors.Invalid(("authorities", $"'{number}' is not a DfE number of a local authority, e.g. 350"));
            }
            named.Add(authority.Organisation);
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

    /// <summary>A date field of a request; null where it was left out.</summary>
    private static DateOnly? DateOf(string field, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : throw GrpcErrors.Invalid((field, $"is '{(text.Length <= 40 ? text : "…")}'; a calendar date is expected, e.g. 2024-01-08"));
    }

    /// <summary>The end of that day in London, as the instant that everything known on it came before.</summary>
    private static DateTimeOffset EndOf(DateOnly day) => London.StartOf(day.AddDays(1));

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(DateOnly? day) => day is { } d ? Text(d) : "";

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
