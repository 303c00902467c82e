using Grpc.Core;
using SendExchange.Aggregator.Clock;
using SendExchange.Aggregator.Facts;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Statute;
using Finding = SendExchange.Aggregator.V1.Finding;

namespace SendExchange.Aggregator.Reports;

public sealed partial class Reporting
{
    /// <summary>
    /// Why a case stands as it does: the facts, each obligation with its reasons in words, what is odd, and where its days
    /// went. Read afresh from the facts, so that a day in the past gives today the very answer that it would have given then.
    /// </summary>
    public override async Task<GetCaseResponse> GetCase(GetCaseRequest request, ServerCallContext context)
    {
        var scope = ScopeOf(Caller.Of(context), [request.Authority]);
        var authority = scope.Organisations[0];
        var knownOn = KnownOn(request.AsKnownOn);
        var day = knownOn ?? London.Today(clock);
        var rows = await KnownFacts(TakeFacts.KeyOf(authority, request.CaseId), day, context.CancellationToken);
        if (rows.Count == 0)
        {
            throw new RpcException(
                new Status(StatusCode.NotFound, $"Nothing {(knownOn is null ? "is" : "was")} known of such a case of {authority}.")
            );
        }
        var response = new GetCaseResponse { AsOf = Text(day) };
        var facts = rows.Select(Parse).ToList();
        response.Facts.AddRange(
            rows.Zip(facts).OrderBy(f => f.Second.On).ThenBy(f => f.First.RecordedAt).Select(f => OnTheWire(f.First, f.Second))
        );
        var law = await inForce.Before(database, EndOf(day), context.CancellationToken);
        var known = new KnownCase(authority, request.CaseId, facts, day, law);
        var reading = known.Read()!;
        foreach (var obligation in reading.Obligations)
        {
            response.Obligations.Add(
                new ExplainedObligation { Obligation = ObligationOnTheWire.Of(obligation), Why = { Why.Of(obligation, facts, law) } }
            );
        }
        foreach (var f in reading.Findings)
        {
            response.Findings.Add(
                new Finding
                {
                    Authority = f.Authority,
                    CaseId = f.CaseId,
                    Code = f.Code,
                    Detail = f.Detail,
                    Facts = { f.Facts },
                }
            );
        }
        response.Days = known.Account() is { } ledger ? DaysOnTheWire.Of(ledger) : null;
        return response;
    }

    private static KnownFact OnTheWire(KnownFactRow row, Fact fact) =>
        new()
        {
            Organisation = row.Organisation,
            FactId = row.FactId,
            Kind = fact.Kind,
            On = Text(fact.On),
            RecordedAt = Text(row.RecordedAt),
            Replaces = row.Replaces ?? "",
        };

    /// <exception cref="RpcException">FAILED_PRECONDITION: the fact cannot be read, so nothing can be said of the case.</exception>
    private static Fact Parse(KnownFactRow row)
    {
        try
        {
            return ReadCases.Parse(row.Fact);
        }
        catch (FormatException problem)
        {
            throw new RpcException(
                new Status(StatusCode.FailedPrecondition, $"Fact {row.FactId} of {row.Organisation} cannot be read. {problem.Message}")
            );
        }
    }

    private Task<IReadOnlyList<KnownFactRow>> KnownFacts(string caseKey, DateOnly day, CancellationToken cancellationToken) =>
        database.Query<KnownFactRow>(
            """
            with recursive reaching (organisation, fact_id, replaces, fact, recorded_at) as (
                select organisation, fact_id, replaces, fact, recorded_at from facts
                where case_key = @caseKey and recorded_at < @until
                union
                select g.organisation, g.fact_id, g.replaces, g.fact, g.recorded_at
                from reaching r join facts g on g.organisation = r.organisation and g.replaces = r.fact_id
                where g.recorded_at < @until
            )
            select organisation, fact_id, replaces, fact, recorded_at from reaching order by organisation, fact_id
            """,
            new { caseKey, until = EndOf(day) },
            cancellationToken
        );

    private sealed class KnownFactRow
    {
        public required string Organisation { get; init; }
        public required string FactId { get; init; }
        public string? Replaces { get; init; }
        public required string Fact { get; init; }
        public required DateTimeOffset RecordedAt { get; init; }
    }
}
