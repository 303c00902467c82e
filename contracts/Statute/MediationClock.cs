namespace SendExchange.Statute;

/// <summary>Mediation agreements on what could not be appealed: regs 42(3), (4) and (5) (L12, L13).</summary>
/// <remarks>
/// The others run as if they were orders, see <see cref="OrderClock"/>. Readings taken: where nobody is named who must act, it is
/// the authority if it was a party, and otherwise nobody, with a finding. A commissioning body that must act under an agreement
/// to which the authority was no party owes the authority word of it as well. That it was done counts from who owes it and from
/// the authority. Only a move away ends these duties.
/// </remarks>
internal static class MediationClock
{
    public static void Settle(CaseHistory history, Settlement settlement, FindingList findings)
    {
        foreach (var fact in history.Mediations ?? [])
        {
            var agreed = (FactBody.MediationAgreed)fact.Body;
            if (agreed.Issue == MediationIssue.OtherAction)
            {
                SettleAgreement(fact, agreed, history, settlement, findings);
            }
            else if (!Enum.IsDefined(agreed.Issue))
            {
                findings.AddUnknown(fact, agreed.Issue);
            }
        }
    }

    /// <summary>Another date agreed in writing, reg 42(5). One before the agreement cannot be meant and is not counted.</summary>
    public static DateOnly? AgreedDate(Fact fact, FactBody.MediationAgreed agreed, FindingList findings)
    {
        if (agreed.AgreedDate is not { } date || date >= fact.On)
        {
            return agreed.AgreedDate;
        }
        findings.Add(
            FindingCode.ImpossibleDate,
            $"agreedDate {date:yyyy-MM-dd} is before the agreement of {fact.On:yyyy-MM-dd}; it is not counted",
            fact
        );
        return null;
    }

    private static void SettleAgreement(
        Fact fact,
        FactBody.MediationAgreed agreed,
        CaseHistory history,
        Settlement settlement,
        FindingList findings
    )
    {
        var obligor = agreed.Obligor ?? (agreed.AuthorityWasParty ? settlement.Authority : null);
        var agreedOn = AgreedDate(fact, agreed, findings);
        if (obligor is null)
        {
            findings.Add(FindingCode.ObligorUnknown, "a mediation agreement that does not say who must act", fact);
            return;
        }
        var moved = Ending.By(ObligationState.Withdrawn, history.Moved(fact.On));
        if (settlement.Owed(OrderProvisions.MediationAction, fact.On, fact, obligor) is { } action)
        {
            settlement.Settle(
                action with
                {
                    Occasion = history.PlaceOf(fact),
                    Due = agreedOn ?? action.Due,
                    Target = agreedOn ?? action.Target,
                    Done = FirstSaid<FactBody.MediationActionDone>(fact.On, obligor, history, settlement, findings),
                    Ended = moved,
                }
            );
        }
        if (
            !agreed.AuthorityWasParty
            && IsCommissioner(obligor)
            && settlement.Owed(OrderProvisions.MediationReport, fact.On, fact, obligor) is { } report
        )
        {
            settlement.Settle(
                report with
                {
                    Occasion = history.PlaceOf(fact),
                    Done = FirstSaid<FactBody.MediationReported>(fact.On, obligor, history, settlement, findings),
                    Ended = moved,
                }
            );
        }
    }

    private static Fact? FirstSaid<T>(DateOnly from, string obligor, CaseHistory history, Settlement settlement, FindingList findings)
        where T : FactBody
    {
        foreach (var fact in history.Beyond!)
        {
            if (fact.On < from || fact.Body is not T)
            {
                continue;
            }
            if (fact.Organisation == obligor || fact.Organisation == settlement.Authority)
            {
                return fact;
            }
            findings.Add(
                FindingCode.NotTheirsToSay,
                $"{fact.Kind} on {fact.On:yyyy-MM-dd} is said by {fact.Organisation}, but is for {obligor} or the authority to say",
                fact
            );
        }
        return null;
    }

    private static bool IsCommissioner(string obligor) =>
        OrganisationId.TryParse(obligor, out var id, out _)
        && id.Kind is OrganisationKind.IntegratedCareBoard or OrganisationKind.ClinicalCommissioningGroup;
}
