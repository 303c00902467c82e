using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Statute;
using Body = SendExchange.Education.V1.AssessmentFact.BodyOneofCase;

namespace SendExchange.Education.Intake;

/// <summary>
/// Tells health and social care what facts mean for them: advice is asked of a body, a request is taken back, advice is
/// known to be given, or is not given after all. They hear of nothing else.
/// </summary>
/// <remarks>
/// A fact that replaces nothing, and that nothing replaces, says what it says. Where one is corrected or retracted, the
/// advice of its case is replayed as it stood before and as it stands now, and the difference is told. So a chain of
/// corrections, a retraction that revives an earlier fact, and a second fact that says the same come out right.
/// </remarks>
internal static class AdviceMessages
{
    public static async Task Publish(Transaction tx, IReadOnlyList<TakeIn.Offered> stored)
    {
        var replayed = await Replay(tx, stored);
        foreach (var o in stored.Where(o => !replayed.Contains((o.Fact.Authority, o.Fact.CaseId))))
        {
            if (RequestOf(o.Fact, o.Position) is { } requested)
            {
                tx.Publish(requested);
            }
            if (GivingOf(o.Fact, o.Position) is { } given)
            {
                tx.Publish(given);
            }
        }
    }

    /// <returns>The cases of which all has been told.</returns>
    private static async Task<IReadOnlySet<(string Authority, string CaseId)>> Replay(Transaction tx, IReadOnlyList<TakeIn.Offered> stored)
    {
        var replacedAlready = await ReplacedAlready(tx, stored);
        var changes = stored.Where(o => o.Replaces is not null || replacedAlready.Contains(o.Id)).Select(o => o.Position).ToList();
        if (changes.Count == 0)
        {
            return new HashSet<(string, string)>();
        }
        var cases = (await Chains(tx, "position in @changes", new { changes }))
            .Where(f => f.Fact.BodyCase is Body.AdviceSought or Body.AdviceGiven)
            .Select(f => (f.Fact.Authority, f.Fact.CaseId))
            .ToHashSet();
        if (cases.Count == 0)
        {
            return cases;
        }
        var facts = await Chains(
            tx,
            "authority in @authorities and case_id in @caseIds and kind in ('adviceSought', 'adviceGiven')",
            new
            {
                authorities = cases.Select(c => c.Authority).Distinct().ToList(),
                caseIds = cases.Select(c => c.CaseId).Distinct().ToList(),
            }
        );
        var first = stored[0].Position;
        var before = Advice.Of(facts.Where(f => f.Position < first), cases);
        var now = Advice.Of(facts, cases);
        // What an earlier fact says again is said by the change that revived it.
        long PositionOf(long fact) => fact >= first ? fact : changes[^1];

        foreach (var (key, requested) in now.Requested)
        {
            if (before.Requested.GetValueOrDefault(key) is not { } old || old with { Position = requested.Position } != requested)
            {
                tx.Publish(requested with { Position = PositionOf(requested.Position) });
            }
        }
        foreach (var (authority, adviceId) in before.Requested.Keys.Except(now.Requested.Keys))
        {
            tx.Publish(new AdviceRequestWithdrawn(changes[^1], authority, adviceId));
        }
        foreach (var (key, given) in now.Given)
        {
            if (before.Given.GetValueOrDefault(key) is not { } old || old with { Position = given.Position } != given)
            {
                tx.Publish(given with { Position = PositionOf(given.Position) });
            }
        }
        foreach (var (authority, adviceId, by) in before.Given.Keys.Except(now.Given.Keys))
        {
            tx.Publish(new AdviceGivenWithdrawn(changes[^1], authority, adviceId, by));
        }
        return cases;
    }

    /// <summary>Null for what is asked of nobody in health or social care, and for other facts.</summary>
    private static AdviceRequested? RequestOf(AssessmentFact fact, long position) =>
        fact.AdviceSought is { } sought && IsHealthOrCare(sought.From)
            ? new AdviceRequested(
                position,
                fact.Authority,
                fact.CaseId,
                sought.AdviceId,
                FactJson.ShortName(sought.Kind),
                sought.From,
                FactRules.On(fact),
                FactRules.Date(sought.ReceivedByBodyOn) ?? FactRules.On(fact)
            )
            : null;

    private static AdviceGivenRecorded? GivingOf(AssessmentFact fact, long position) =>
        fact.AdviceGiven is { } given && IsHealthOrCare(fact.Organisation)
            ? new AdviceGivenRecorded(position, fact.Authority, given.AdviceId, fact.Organisation, FactRules.On(fact))
            : null;

    private static bool IsHealthOrCare(string organisation) =>
        OrganisationId.TryParse(organisation, out var id, out _)
        && id.Kind
            is OrganisationKind.IntegratedCareBoard
                or OrganisationKind.ClinicalCommissioningGroup
                or OrganisationKind.Trust
                or OrganisationKind.SocialCare;

    /// <summary>Advice facts that were corrected or retracted before they arrived.</summary>
    private static async Task<IReadOnlySet<(string, string)>> ReplacedAlready(Transaction tx, IReadOnlyList<TakeIn.Offered> stored)
    {
        var advice = stored.Where(o => o.Fact.BodyCase is Body.AdviceSought or Body.AdviceGiven).ToList();
        var rows =
            advice.Count == 0
                ? []
                : await tx.Query<ReplacedRow>(
                    "select organisation, replaces from facts where organisation in @organisations and replaces in @ids",
                    new
                    {
                        organisations = advice.Select(o => o.Fact.Organisation).Distinct().ToList(),
                        ids = advice.ConvertAll(o => o.Fact.FactId),
                    }
                );
        return rows.Select(r => (r.Organisation, r.Replaces)).ToHashSet();
    }

    /// <summary>Some facts, with all that they replace and all that replaces them, however far.</summary>
    private static async Task<IReadOnlyList<Chained>> Chains(Transaction tx, string which, object parameters)
    {
        var rows = await tx.Query<FactRow>(
            $"""
            with recursive down (organisation, fact_id, replaces) as (
                select organisation, fact_id, replaces from facts where {which}
                union
                select f.organisation, f.fact_id, f.replaces
                from facts f join down d on f.organisation = d.organisation and f.fact_id = d.replaces
            ), chain (organisation, fact_id) as (
                select organisation, fact_id from down
                union
                select f.organisation, f.fact_id
                from facts f join chain c on f.organisation = c.organisation and f.replaces = c.fact_id
            )
            select f.position, f.replaces, f.fact
            from chain c join facts f on f.organisation = c.organisation and f.fact_id = c.fact_id
            order by f.position
            """,
            parameters
        );
        return [.. rows.Select(r => new Chained(r.Position, r.Replaces, AssessmentFact.Parser.ParseFrom(r.Fact)))];
    }

    private sealed record Chained(long Position, string? Replaces, AssessmentFact Fact);

    /// <summary>What is asked and given in some cases, by the facts that stand. Of several that say it, the latest counts.</summary>
    private sealed record Advice(
        IReadOnlyDictionary<(string Authority, string AdviceId), AdviceRequested> Requested,
        IReadOnlyDictionary<(string Authority, string AdviceId, string By), AdviceGivenRecorded> Given
    )
    {
        /// <param name="facts">By position.</param>
        public static Advice Of(IEnumerable<Chained> facts, HashSet<(string, string)> cases)
        {
            var requested = new Dictionary<(string, string), AdviceRequested>();
            var given = new Dictionary<(string, string, string), AdviceGivenRecorded>();
            foreach (var (position, _, fact) in Standing([.. facts]).Where(f => cases.Contains((f.Fact.Authority, f.Fact.CaseId))))
            {
                if (RequestOf(fact, position) is { } asked)
                {
                    requested[(asked.Authority, asked.AdviceId)] = asked;
                }
                if (GivingOf(fact, position) is { } gave)
                {
                    given[(gave.Authority, gave.AdviceId, gave.By)] = gave;
                }
            }
            return new Advice(requested, given);
        }

        /// <summary>
        /// The facts that nothing replaces which stands itself, as the law reads them: a correction holds its place for the one
        /// that corrects it, a retraction that is replaced revives, and a circle replaces nothing.
        /// </summary>
        private static IEnumerable<Chained> Standing(IReadOnlyList<Chained> facts)
        {
            var byId = facts.ToDictionary(f => (f.Fact.Organisation, f.Fact.FactId));
            Chained? TargetOf(Chained f) => f.Replaces is { } id ? byId.GetValueOrDefault((f.Fact.Organisation, id)) : null;

            // Decided are those whose replacers all are: what is never decided is a circle.
            var waitsFor = facts.Select(TargetOf).OfType<Chained>().CountBy(f => f.Position).ToDictionary();
            var decided = new Queue<Chained>(facts.Where(f => !waitsFor.ContainsKey(f.Position)));
            var struck = new HashSet<long>();
            var succeeded = new HashSet<long>();
            while (decided.TryDequeue(out var replacer))
            {
                if (TargetOf(replacer) is not { } target)
                {
                    continue;
                }
                var corrects = replacer.Fact.BodyCase != Body.Retracted;
                if (!struck.Contains(replacer.Position) || (corrects && succeeded.Contains(replacer.Position)))
                {
                    struck.Add(target.Position);
                    if (corrects)
                    {
                        succeeded.Add(target.Position);
                    }
                }
                if (--waitsFor[target.Position] == 0)
                {
                    decided.Enqueue(target);
                }
            }
            return facts.Where(f => !struck.Contains(f.Position));
        }
    }

    private sealed class ReplacedRow
    {
        public required string Organisation { get; init; }
        public required string Replaces { get; init; }
    }

    private sealed class FactRow
    {
        public required long Position { get; init; }
        public string? Replaces { get; init; }
        public required byte[] Fact { get; init; }
    }
}
