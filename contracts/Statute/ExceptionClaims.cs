namespace SendExchange.Statute;

/// <summary>Judges the exceptions that were claimed.</summary>
/// <remarks>
/// A claim asserts that the limit was impractical to meet because of its ground; whether that is true cannot be seen here.
/// What can be seen is judged: that the ground reaches the limit at all, that its dates meet the law's windows, and that
/// reasons were given where the law is about circumstances. An exception disapplies a limit; it never moves it.
/// <para>
/// A claim that names an obligation is for that one only (an <c>adviceId</c> then narrows <c>give_advice</c>); one that
/// names only an <c>adviceId</c> is for that advice; one that names neither is for every limit its ground reaches. The
/// authority may claim for any duty of its case, another body only for duties of its own. Of duties that a case can owe
/// several times a claim reaches those that had been called for by its day.
/// </para>
/// </remarks>
internal sealed class ExceptionClaims(List<Fact> claims, DateOnly asOf, string authority, Law law)
{
    private readonly Tally[] tallies = new Tally[claims.Count];

    /// <summary>What the claims come to for one duty. All null where none was made for it.</summary>
    /// <param name="Holds">The first claim that holds.</param>
    /// <param name="Ground">Its ground and provision.</param>
    /// <param name="Rejected">Why no claim holds. Null where one does.</param>
    /// <param name="Facts">The facts this rests on.</param>
    /// <param name="ChangesOn">A later day from which a claim will hold that does not hold yet.</param>
    internal sealed record Verdict(Fact? Holds, string? Ground, string? Rejected, List<Fact> Facts, DateOnly? ChangesOn);

    /// <returns>Null where no claim was made for the duty.</returns>
    public Verdict? Judge(Duty duty)
    {
        Verdict? verdict = null;
        List<Fact>? rejected = null;
        List<string>? faults = null;
        DateOnly? changesOn = null;
        for (var i = 0; i < claims.Count; i++)
        {
            var claim = (FactBody.ExceptionClaimed)claims[i].Body;
            var rule = law.Exception(duty.Provision, claim.Ground, duty.Start, duty.Due);
            if (!IsFor(claim, duty, rule) || (duty.Occasion is not null && claims[i].On < duty.Because.On))
            {
                continue;
            }
            if (claims[i].Organisation != authority && claims[i].Organisation != duty.Obligor)
            {
                tallies[i].OthersDuty = true;
                continue;
            }
            var fault = rule is null ? NotReached(claim, duty) : Fault(claim, rule, duty);
            tallies[i].Add(fault);
            if (fault is not null)
            {
                (rejected ??= []).Add(claims[i]);
                (faults ??= []).Add(fault);
                changesOn = Earlier(changesOn, HoldsOn(claim, rule));
            }
            else
            {
                verdict ??= Holding(claims[i], claim, rule!, duty);
            }
        }
        if (verdict is not null)
        {
            return verdict with { ChangesOn = changesOn };
        }
        return faults is null ? null : new Verdict(null, null, string.Join("; ", faults.Distinct()), rejected!, changesOn);
    }

    /// <summary>The claims that hold for a duty.</summary>
    public IEnumerable<FactBody.ExceptionClaimed> Holding(Duty duty)
    {
        foreach (var fact in claims)
        {
            var claim = (FactBody.ExceptionClaimed)fact.Body;
            var rule = law.Exception(duty.Provision, claim.Ground, duty.Start, duty.Due);
            if (rule is not null && IsFor(claim, duty, rule) && fact.Organisation == authority && Fault(claim, rule, duty) is null)
            {
                yield return claim;
            }
        }
    }

    /// <summary>Reports the claims that hold for none of the limits they were made for.</summary>
    public void Report(FindingList findings)
    {
        for (var i = 0; i < claims.Count; i++)
        {
            var claim = (FactBody.ExceptionClaimed)claims[i].Body;
            if (tallies[i].Held)
            {
                continue;
            }
            var why =
                tallies[i].Judged ? string.Join("; ", tallies[i].Faults!.Distinct())
                : tallies[i].OthersDuty ? $"{claims[i].Organisation} may claim for duties of its own only"
                : "there is no such limit in this case";
            findings.Add(FindingCode.ExceptionRejected, $"{claim.Ground.ToWire()} claimed for {Scope(claim)}: {why}", claims[i]);
        }
    }

    private static string Scope(FactBody.ExceptionClaimed claim) =>
        (claim.Obligation, claim.AdviceId) switch
        {
            (null, null) => "every limit it can reach",
            (null or ObligationCode.GiveAdvice, { } adviceId) => $"advice {adviceId}",
            _ => claim.Obligation!,
        };

    private static bool IsFor(FactBody.ExceptionClaimed claim, Duty duty, ExceptionRule? rule)
    {
        var isAdvice = duty.Provision.Obligation == ObligationCode.GiveAdvice;
        var isThisAdvice = isAdvice && claim.AdviceId == duty.Advice?.AdviceId;
        return claim.Obligation is not null
            ? claim.Obligation == duty.Provision.Obligation && (!isAdvice || claim.AdviceId is null || isThisAdvice)
            : isThisAdvice || (claim.AdviceId is null && rule is not null);
    }

    private static Verdict Holding(Fact fact, FactBody.ExceptionClaimed claim, ExceptionRule rule, Duty duty)
    {
        List<Fact> facts = [fact];
        if (claim.Ground == ExceptionGround.MissedAppointment && MissedInTime(duty) is { } missed)
        {
            facts.Add(missed);
        }
        return new Verdict(fact, $"{claim.Ground.ToWire()}, {rule.Paragraph}", Rejected: null, facts, ChangesOn: null);
    }

    // Why the claim does not hold: what was seen, and what the law requires. Null where it holds.
    private string? Fault(FactBody.ExceptionClaimed claim, ExceptionRule rule, Duty duty) =>
        claim.Ground switch
        {
            ExceptionGround.SchoolClosure or ExceptionGround.EarlyYearsClosure => ClosureFault(claim, rule),
            ExceptionGround.ExceptionalCircumstances => claim.ReasonGiven
                ? null
                : $"no reasons were given; {rule.Paragraph} requires exceptional circumstances to be shown",
            ExceptionGround.AbsentFromArea => AbsenceFault(claim, rule, duty),
            ExceptionGround.MissedAppointment => MissedFault(rule, duty),
            ExceptionGround.Coronavirus => LimitFault(rule, duty),
            _ => NotReached(claim, duty),
        };

    private static string NotReached(FactBody.ExceptionClaimed claim, Duty duty)
    {
        var only =
            claim.Ground == ExceptionGround.MissedAppointment
                ? "; a missed appointment helps only the body asked for advice, reg 8(2)(c)"
                : "";
        return $"{claim.Ground.ToWire()} is not among the exceptions to {duty.Provision.Citation}{only}";
    }

    // Reg 5(4)(a), (b) and 10(4)(a), (b). Our reading of the edges: a closure lasts from its first day to the first day open
    // again, and both ends of the window for asking are in it.
    private static string? ClosureFault(FactBody.ExceptionClaimed claim, ExceptionRule rule)
    {
        if (claim is not { AdviceRequestedOn: { } asked, ClosedFrom: { } closed, ReopensOn: { } reopens })
        {
            return $"{rule.Paragraph} requires adviceRequestedOn, closedFrom and reopensOn; {MissingDates(claim)} not given";
        }
        var days = reopens.DayNumber - closed.DayNumber;
        if (days < rule.AtLeastDays)
        {
            return $"closed from {closed:yyyy-MM-dd}, open again on {reopens:yyyy-MM-dd}: {days} days; {rule.Paragraph} requires at least {rule.AtLeastDays}";
        }
        var first = closed.Plus(-ExceptionTable.ClosureWindowDays);
        var last = reopens.Plus(-ExceptionTable.ClosureWindowDays);
        return asked < first || asked > last
            ? $"advice was asked for on {asked:yyyy-MM-dd}; {rule.Paragraph} requires a day from {first:yyyy-MM-dd} to {last:yyyy-MM-dd}"
            : null;
    }

    private static string MissingDates(FactBody.ExceptionClaimed claim)
    {
        List<string> missing = [];
        if (claim.AdviceRequestedOn is null)
        {
            missing.Add("adviceRequestedOn");
        }
        if (claim.ClosedFrom is null)
        {
            missing.Add("closedFrom");
        }
        if (claim.ReopensOn is null)
        {
            missing.Add("reopensOn");
        }
        return string.Join(", ", missing);
    }

    // Reg 5(4)(d), 8(2)(b) and 10(4)(d). Our reading: the absence must overlap the period from the start of the limit to its
    // last day; a child still away has been away up to the day asked about.
    private string? AbsenceFault(FactBody.ExceptionClaimed claim, ExceptionRule rule, Duty duty)
    {
        if (claim.AbsentFrom is not { } left)
        {
            return $"{rule.Paragraph} requires absentFrom; it was not given";
        }
        var away = claim.ReturnedOn is { } back
            ? $"away from {left:yyyy-MM-dd}, back on {back:yyyy-MM-dd}"
            : $"away since {left:yyyy-MM-dd}";
        var days = (claim.ReturnedOn ?? asOf).DayNumber - left.DayNumber;
        if (days < rule.AtLeastDays)
        {
            // While the child is away the days grow; naming them would make every day's reading another.
            var seen = claim.ReturnedOn is null ? "not long enough yet" : $"{days} days";
            return $"{away}: {seen}; {rule.Paragraph} requires at least {rule.AtLeastDays} days";
        }
        return left > duty.Due || claim.ReturnedOn <= duty.Start
            ? $"{away}; {rule.Paragraph} requires an absence during {duty.Start:yyyy-MM-dd} to {duty.Due:yyyy-MM-dd}"
            : null;
    }

    private static string? MissedFault(ExceptionRule rule, Duty duty) =>
        MissedInTime(duty) is null
            ? $"no appointmentMissed for advice {duty.Advice?.AdviceId} from {duty.Start:yyyy-MM-dd} to {duty.Due:yyyy-MM-dd}, which {rule.Paragraph} requires"
            : null;

    private static Fact? MissedInTime(Duty duty) => duty.Advice?.Missed?.Find(f => f.On >= duty.Start && f.On <= duty.Due);

    private static string? LimitFault(ExceptionRule rule, Duty duty) =>
        rule.Pack.AppliesTo(duty.Start, duty.Due)
            ? null
            : $"the limit falls on {duty.Due:yyyy-MM-dd}; {rule.Pack.Citation} reaches limits that fall from {rule.Pack.From:yyyy-MM-dd} to {rule.Pack.To:yyyy-MM-dd}";

    // The day on which a child still away will have been away for long enough.
    private DateOnly? HoldsOn(FactBody.ExceptionClaimed claim, ExceptionRule? rule)
    {
        var enough =
            rule is not null && claim is { Ground: ExceptionGround.AbsentFromArea, AbsentFrom: { } left, ReturnedOn: null }
                ? left.Plus(rule.AtLeastDays)
                : (DateOnly?)null;
        return enough > asOf ? enough : null;
    }

    private static DateOnly? Earlier(DateOnly? a, DateOnly? b) => !(a <= b) && b is not null ? b : a;

    // How a claim fared over all the duties it was made for.
    private struct Tally
    {
        public bool Judged { get; private set; }

        public bool OthersDuty { get; set; }

        public bool Held { get; private set; }

        public List<string>? Faults { get; private set; }

        public void Add(string? fault)
        {
            Judged = true;
            if (fault is null)
            {
                Held = true;
            }
            else
            {
                (Faults ??= []).Add(fault);
            }
        }
    }
}
