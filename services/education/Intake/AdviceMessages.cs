using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Statute;
using Body = SendExchange.Education.V1.AssessmentFact.BodyOneofCase;

namespace SendExchange.Education.Intake;

/// <summary>
/// Tells health and social care what facts mean for them: advice is asked of a body, a request is taken back, advice is
/// known to be given. They hear of nothing else.
/// </summary>
internal static class AdviceMessages
{
    public static async Task Publish(Transaction tx, IReadOnlyList<TakeIn.Offered> stored)
    {
        var replaced = await Replaced(tx, stored);
        var replacedAlready = await ReplacedAlready(tx, stored);
        foreach (var o in stored)
        {
            if (
                o.Replaces is { } target
                && replaced.GetValueOrDefault((o.Fact.Organisation, target)) is { BodyCase: Body.AdviceSought } old
            )
            {
                if (o.Fact.AdviceSought?.AdviceId != old.AdviceSought.AdviceId || !IsHealthOrCare(o.Fact.AdviceSought.From))
                {
                    tx.Publish(new AdviceRequestWithdrawn(o.Position, o.Fact.Authority, old.AdviceSought.AdviceId));
                }
            }
            if (o.Fact.AdviceSought is { } sought && IsHealthOrCare(sought.From) && !replacedAlready.Contains(o.Id))
            {
                tx.Publish(
                    new AdviceRequested(
                        o.Position,
                        o.Fact.Authority,
                        o.Fact.CaseId,
                        sought.AdviceId,
                        FactJson.ShortName(sought.Kind),
                        sought.From,
                        o.On,
                        FactRules.Date(sought.ReceivedByBodyOn) ?? o.On
                    )
                );
            }
            if (o.Fact.AdviceGiven is { } given && IsHealthOrCare(o.Fact.Organisation))
            {
                tx.Publish(new AdviceGivenRecorded(o.Position, o.Fact.Authority, given.AdviceId, o.Fact.Organisation, o.On));
            }
        }
    }

    private static bool IsHealthOrCare(string organisation) =>
        OrganisationId.TryParse(organisation, out var id, out _)
        && id.Kind
            is OrganisationKind.IntegratedCareBoard
                or OrganisationKind.ClinicalCommissioningGroup
                or OrganisationKind.Trust
                or OrganisationKind.SocialCare;

    /// <summary>The facts that these correct or retract, as far as they have arrived.</summary>
    private static async Task<IReadOnlyDictionary<(string, string), AssessmentFact>> Replaced(
        Transaction tx,
        IReadOnlyList<TakeIn.Offered> stored
    )
    {
        var replacing = stored.Where(o => o.Replaces is not null).ToList();
        var rows =
            replacing.Count == 0
                ? []
                : await tx.Query<byte[]>(
                    "select fact from facts where organisation in @organisations and fact_id in @ids",
                    new
                    {
                        organisations = replacing.Select(o => o.Fact.Organisation).Distinct().ToList(),
                        ids = replacing.Select(o => o.Replaces).Distinct().ToList(),
                    }
                );
        return rows.Select(AssessmentFact.Parser.ParseFrom).ToDictionary(f => (f.Organisation, f.FactId));
    }

    /// <summary>Requests for advice that were corrected or retracted before they arrived: nobody needs to hear of them.</summary>
    private static async Task<IReadOnlySet<(string, string)>> ReplacedAlready(Transaction tx, IReadOnlyList<TakeIn.Offered> stored)
    {
        var sought = stored.Where(o => o.Fact.BodyCase == Body.AdviceSought).ToList();
        var rows =
            sought.Count == 0
                ? []
                : await tx.Query<ReplacedRow>(
                    "select organisation, replaces from facts where organisation in @organisations and replaces in @ids",
                    new
                    {
                        organisations = sought.Select(o => o.Fact.Organisation).Distinct().ToList(),
                        ids = sought.ConvertAll(o => o.Fact.FactId),
                    }
                );
        return rows.Select(r => (r.Organisation, r.Replaces)).ToHashSet();
    }

    private sealed class ReplacedRow
    {
        public required string Organisation { get; init; }
        public required string Replaces { get; init; }
    }
}
