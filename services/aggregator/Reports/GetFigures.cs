using System.Text.Json;
using Grpc.Core;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Reports;

public sealed partial class Reporting
{
    /// <summary>
    /// DfE's published tables from the facts: one row an authority, and for all authorities one a region and England. A
    /// region and England are the sums of the authorities that have sent facts. An authority that was asked for and has
    /// none has 'x' (not available) throughout, as DfE prints it.
    /// </summary>
    public override async Task<GetFiguresResponse> GetFigures(GetFiguresRequest request, ServerCallContext context)
    {
        var scope = ScopeOf(Caller.Of(context), request.Authorities);
        CheckYear(request.Year);
        var knownOn = KnownOn(request.AsKnownOn);
        if (request.Figures == Figures.Days)
        {
            return await Days(request.Year, scope, knownOn ?? London.Today(clock), context.CancellationToken);
        }
        var table = request.Figures switch
        {
            Figures.Timeliness => FigureTables.Timeliness,
            Figures.Requests => FigureTables.Requests,
            Figures.Assessments => FigureTables.Assessments,
            _ => throw GrpcErrors.Invalid(("figures", "is missing; expected TIMELINESS, REQUESTS, ASSESSMENTS or DAYS")),
        };
        var unreadable = knownOn is null ? await Unreadable(scope, "", context.CancellationToken) : 0;
        var outlines = knownOn is { } day
            ? OutlinesKnownOn(day, scope, () => unreadable++, context.CancellationToken)
            : Outlines(request.Year, scope, context.CancellationToken);

        var counts = scope.Organisations.ToDictionary(o => o, _ => (Counts?)null, StringComparer.Ordinal);
        await foreach (var outline in outlines)
        {
            var count = counts.GetValueOrDefault(outline.Authority) ?? (counts[outline.Authority] = new Counts(table.Columns.Count));
            table.Count(outline, request.Year, count);
        }

        return Figured(table, request.Year, scope, counts, unreadable);
    }

    private static GetFiguresResponse Figured(
        FigureTable table,
        int year,
        Scope scope,
        IReadOnlyDictionary<string, Counts?> counts,
        int unreadable
    )
    {
        var response = new GetFiguresResponse { UnreadableCases = unreadable };
        response.Columns.AddRange(FigureTables.AreaColumns);
        response.Columns.AddRange(table.Columns);
        response.Rows.AddRange(FigureTables.Rows(table, year, counts, withTotals: scope.All));
        return response;
    }

    private async IAsyncEnumerable<CaseOutline> Outlines(
        int year,
        Scope scope,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // A case counts in a year by a day of that year, or of the weeks until census day.
        var rows = database.Stream<string>(
            $"""
            select outline from cases
            where outline is not null and first_on <= @to and last_on >= @from {scope.Clause}
            """,
            new
            {
                from = new DateOnly(year, 1, 1),
                to = Sen2.CensusDay(year),
                authorities = scope.Organisations,
            },
            cancellationToken
        );
        await foreach (var outline in rows)
        {
            yield return JsonSerializer.Deserialize<CaseOutline>(outline)!;
        }
    }

    private async IAsyncEnumerable<CaseOutline> OutlinesKnownOn(
        DateOnly day,
        Scope scope,
        Action unreadable,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var known in CasesKnown.On(database, inForce, day, scope.Clause, scope.Organisations, logger, cancellationToken))
        {
            if (known.Read() is { } reading)
            {
                yield return reading.Outline;
            }
            else
            {
                unreadable();
            }
        }
    }
}
