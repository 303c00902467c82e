namespace SendExchange.Statute;

/// <summary>Schools consulted before one is named: a reply within fifteen days (L5).</summary>
/// <remarks>
/// CoP 9.83 is guidance. Our reading of its edges: the day of the consultation is not counted; a reply answers the consultation
/// of the same URN, and a school's own word of it that of its URN, from the day of the consultation on; a plan or a no-plan
/// notice makes a reply moot. A reply that is late or missing is a finding and never a breach.
/// </remarks>
internal static class SchoolConsultations
{
    private const string SchoolPrefix = "school:";

    public static void Settle(CaseHistory history, Settlement settlement, FindingList findings)
    {
        if (history.Consultations is not { } consultations)
        {
            return;
        }
        foreach (var fact in consultations)
        {
            if (fact.Body is FactBody.SchoolConsulted { Urn: var urn })
            {
                SettleReply(fact, urn, history, settlement, findings);
            }
            else if (
                !consultations.Exists(c => c.Body is FactBody.SchoolConsulted { Urn: var asked } && c.On <= fact.On && asked == UrnOf(fact))
            )
            {
                findings.Add(FindingCode.UnknownConsultation, $"{UrnOf(fact) ?? "a school"} replied, but was not consulted by then", fact);
            }
        }
    }

    /// <summary>The first reply to a consultation. Null: none yet.</summary>
    public static Fact? ReplyTo(Fact consulted, string? urn, CaseHistory history) =>
        history.Consultations!.Find(f => f.Body is FactBody.SchoolReplied && f.On >= consulted.On && UrnOf(f) == urn);

    public static string? NameOf(string? urn) => urn is null ? null : SchoolPrefix + urn;

    private static void SettleReply(Fact consulted, string? urn, CaseHistory history, Settlement settlement, FindingList findings)
    {
        if (NameOf(urn) is not { } school)
        {
            findings.Add(FindingCode.ObligorUnknown, "a consultation that does not say which school was consulted", consulted);
            return;
        }
        if (settlement.Owed(Provisions.SchoolReply, consulted.On, consulted, school) is not { } duty)
        {
            return;
        }
        var outcome = history.Plans?.Find(f => f.On >= consulted.On);
        var noPlan = history.FirstNoPlan is null ? null : history.First<FactBody.NoPlanNotified>(consulted.On);
        settlement.Settle(
            duty with
            {
                Occasion = history.PlaceOf(consulted),
                Done = ReplyTo(consulted, urn, history),
                Ended = Ending.First(
                    Ending.By(ObligationState.NotApplicable, outcome),
                    Ending.By(ObligationState.NotApplicable, noPlan),
                    Ending.By(ObligationState.Withdrawn, history.Departed(consulted.On))
                ),
            }
        );
    }

    private static string? UrnOf(Fact reply) =>
        reply.Body is FactBody.SchoolReplied { Urn: { } urn } ? urn
        : reply.Organisation.StartsWith(SchoolPrefix, StringComparison.Ordinal) ? reply.Organisation[SchoolPrefix.Length..]
        : null;
}
