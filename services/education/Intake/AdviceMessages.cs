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
    public static async Task Publish(Transaction tx, string organisation, IReadOnlyList<TakeIn.Offered> stored)
    {
        var replaced = await Replaced(tx, organisation, stored);
        var replacedAlready = await ReplacedAlready(tx, organisation, stored);
        foreach (var o in stored)
        {
            if (o.Replaces is { } target && replaced.GetValueOrDefault(target) is { BodyCase: Body.AdviceSought } old)
            {
                if (o.Fact.AdviceSought?.AdviceId != old.AdviceSought.AdviceId || !IsHealthOrCare(o.Fact.AdviceSought.From))
                {
                    tx.Publish(new AdviceRequestWithdrawn(o.Position, o.Fact.Authority, old.AdviceSought.AdviceId));
                }
            }
            if (o.Fact.AdviceSought is { } sought && IsHealthOrCare(sought.From) && !replacedAlready.Contains(o.Fact.FactId))
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
    private static async Task<IReadOnlyDictionary<string, AssessmentFact>> Replaced(
        Transaction tx,
        string organisation,
        IReadOnlyList<TakeIn.Offered> stored
    )
    {
        var ids = stored.Where(o => o.Replaces is not null).Select(o => o.Replaces!).Distinct().ToList();
        if (ids.Count == 0)
        {
            return new Dictionary<string, AssessmentFact>(StringComparer.Ordinal);
        }
        var rows = await tx.Query<byte[]>(
            "select fact from facts where organisation = @organisation and fact_id in @ids",
            new { organisation, ids }
        );
        return rows.Select(AssessmentFact.Parser.ParseFrom).ToDictionary(f => f.FactId, StringComparer.Ordinal);
    }

    /// <summary>Requests for advice that were corrected or retracted before they arrived: nobody needs to hear of them.</summary>
    private static async Task<IReadOnlySet<string>> ReplacedAlready(
        Transaction tx,
        string organisation,
        IReadOnlyList<TakeIn.Offered> stored
    )
    {
        var ids = stored.Where(o => o.Fact.BodyCase == Body.AdviceSought).Select(o => o.Fact.FactId).ToList();
        if (ids.Count == 0)
        {
            return new HashSet<string>(StringComparer.Ordinal);
        }
        var rows = await tx.Query<string>(
            "select replaces from facts where organisation = @organisation and replaces in @ids",
            new { organisation, ids }
        );
        return rows.ToHashSet(StringComparer.Ordinal);
    }
}
