using SendExchange.Education.V1;

namespace SendExchange.Sendx;

/// <summary>Turns the days of a case into facts, and fills in what the figures do not fix: advice, schools, families.</summary>
/// <param name="bodies">Who is asked.</param>
/// <param name="adviceLateness">Days by which the slowest advice is late on average.</param>
/// <param name="until">Nothing is known after this day.</param>
internal sealed class SimulatedFacts(SimulatedBodies bodies, int adviceLateness, int until, Dice dice)
{
    /// <summary>No last day.</summary>
    public const int Open = int.MaxValue;

    private readonly List<AssessmentFact> _facts = [];
    private readonly List<int> _days = [];
    private string _caseId = "";
    private string _factPrefix = "";

    private static readonly AdviceKind[] _kinds =
    [
        AdviceKind.ParentYp,
        AdviceKind.Education,
        AdviceKind.Medical,
        AdviceKind.Psychological,
        AdviceKind.SocialCare,
        AdviceKind.Other,
    ];

    /// <summary>The facts of one case by day. The list is used again for the next case.</summary>
    public List<AssessmentFact> Of(SimulatedCase simulated, string id, string idPrefix)
    {
        _facts.Clear();
        _days.Clear();
        (_caseId, _factPrefix) = (id, idPrefix);
        if (simulated.Received is { } received)
        {
            Authority(received).RequestReceived = new() { Source = Source(), Detained = simulated.Detained };
        }
        if (simulated.Decided is { } decided)
        {
            Authority(decided).DecisionNotified = new()
            {
                Outcome = simulated.Assess ? AssessmentDecision.Assess : AssessmentDecision.DoNotAssess,
            };
        }
        foreach (var order in simulated.Orders)
        {
            Order(order);
        }
        if (simulated.DecidedAgain is { } again)
        {
            Authority(again).DecisionNotified = new() { Outcome = AssessmentDecision.Assess };
        }
        if (simulated.AdviceKnown && (simulated.Assess ? simulated.Decided : simulated.DecidedAgain) is { } agreed)
        {
            var askedSchoolOn = Advice(simulated, agreed);
            if (simulated.Excepted)
            {
                Exception(simulated, agreed, askedSchoolOn);
            }
        }
        if (simulated.NoPlan is { } noPlan)
        {
            Authority(noPlan).NoPlanNotified = new();
        }
        if (simulated.Draft is { } draft)
        {
            Draft(draft, simulated.Plan ?? until);
        }
        if (simulated.Plan is { } plan)
        {
            var sent = DateOnly.FromDayNumber(plan).ToString("O");
            Authority(plan).PlanFinalised = new() { SentToSchoolOn = sent, SentToCommissionerOn = sent };
            Review(plan, mayAmend: simulated.Amended is null);
        }
        if (simulated.Withdrawn is { } withdrawn)
        {
            Withdraw(withdrawn);
        }
        Amend(simulated);
        return InOrder(simulated);
    }

    /// <summary>By day, later statements of a day after earlier ones; ids in that order; nothing after the last day known.</summary>
    private List<AssessmentFact> InOrder(SimulatedCase simulated)
    {
        var last = simulated.Withdrawn is { } withdrawn && withdrawn < until ? withdrawn : until;
        var order = Enumerable.Range(0, _facts.Count).Where(i => _days[i] <= last).OrderBy(i => _days[i]).ToList();
        var sorted = order.ConvertAll(i => _facts[i]);
        for (var i = 0; i < sorted.Count; i++)
        {
            sorted[i].FactId = $"{_factPrefix}-{i + 1:00}";
            sorted[i].On = DateOnly.FromDayNumber(_days[order[i]]).ToString("O");
        }
        sorted[0].ChildId = $"c{dice.Next() & 0xFFFF_FFFF_FFFF:x12}";
        return sorted;
    }

    private AssessmentFact Authority(int day) => By(bodies.LocalAuthority, day);

    private AssessmentFact By(string organisation, int day)
    {
        var fact = new AssessmentFact { Organisation = organisation, CaseId = _caseId };
        if (organisation != bodies.LocalAuthority)
        {
            fact.Authority = bodies.LocalAuthority;
        }
        _facts.Add(fact);
        _days.Add(day);
        return fact;
    }

    private RequestSource Source() =>
        dice.Below(100) switch
        {
            < 48 => RequestSource.School,
            < 92 => RequestSource.ParentOrYoungPerson,
            < 95 => RequestSource.Health,
            < 97 => RequestSource.SocialCare,
            _ => RequestSource.Other,
        };

    /// <summary>Six requests for advice and what came of them.</summary>
    /// <returns>The day a school was asked; null where it was not.</returns>
    private int? Advice(SimulatedCase simulated, int agreed)
    {
        var ends = Math.Min(simulated.AdviceBy, Math.Min(Before(simulated.Draft), Before(simulated.NoPlan)));
        // The one that keeps the assessment waiting: seldom the family or the school.
        var slowest = simulated.AdviceNotCompleteBefore is null ? -1 : dice.Between(2, 5);
        var reused = simulated.Plan is not null && dice.Percent(4) ? dice.Between(2, 4) : -1;
        int? askedSchoolOn = null;
        for (var i = 0; i < _kinds.Length; i++)
        {
            var sought = Math.Min(Weekday(agreed + dice.Below(4) + (dice.Percent(15) ? dice.Tail(4) : 0)), Math.Max(agreed, ends - 14));
            var (from, sends) = BodyFor(_kinds[i]);
            if (i == reused && i != slowest)
            {
                Reuse(_kinds[i], from!, sought);
                continue;
            }
            if (_kinds[i] == AdviceKind.Education)
            {
                askedSchoolOn = sought;
            }
            var receivedByBody =
                from is not null && dice.Percent(35) ? Math.Min(Weekday(sought + dice.Between(1, 3)), Math.Max(sought, ends)) : sought;
            var adviceId = $"{_caseId}-a{i + 1}";
            var seek = Authority(sought);
            seek.AdviceSought = new()
            {
                AdviceId = adviceId,
                Kind = _kinds[i],
                From = from ?? "",
            };
            if (receivedByBody != sought)
            {
                seek.AdviceSought.ReceivedByBodyOn = DateOnly.FromDayNumber(receivedByBody).ToString("O");
            }
            var came = Weekday(receivedByBody + DaysToAnswer(_kinds[i]));
            if (came > ends)
            {
                came = Math.Max(receivedByBody, ends - dice.Tail(4));
            }
            if (i == slowest && came < simulated.AdviceNotCompleteBefore)
            {
                came =
                    ends == Open
                        ? simulated.AdviceNotCompleteBefore.Value + 10 + dice.Tail(60)
                        : dice.Between(simulated.AdviceNotCompleteBefore.Value, ends);
            }
            if (_kinds[i] == AdviceKind.Medical && came - receivedByBody > 42 && dice.Percent(12))
            {
                MissAppointment(from!, adviceId, dice.Between(receivedByBody + 10, receivedByBody + 40));
            }
            if (sends)
            {
                var given = i == slowest ? came : Math.Max(receivedByBody, came - dice.Below(4));
                By(from!, given).AdviceGiven = new() { AdviceId = adviceId };
            }
            Authority(came).AdviceReceived = new() { AdviceId = adviceId };
        }
        return askedSchoolOn;
    }

    /// <summary>Who is asked, and whether it tells the exchange itself when it has answered.</summary>
    private (string? From, bool Sends) BodyFor(AdviceKind kind)
    {
        switch (kind)
        {
            case AdviceKind.Education:
                var school = dice.Below(bodies.Schools.Count);
                return ($"school:{bodies.Schools[school]}", school < SimulatedBodies.SchoolsThatSend);
            case AdviceKind.Medical:
                return (dice.Percent(75) ? bodies.Board : bodies.Trust, true);
            case AdviceKind.Psychological:
                return (bodies.LocalAuthority, false); // Its own psychologist: receipt says it all.
            case AdviceKind.SocialCare:
                return (bodies.SocialCare, true);
            case AdviceKind.Other:
                return (bodies.Trust, true);
            default:
                return (null, false);
        }
    }

    private int DaysToAnswer(AdviceKind kind) =>
        kind switch
        {
            AdviceKind.ParentYp => 4 + dice.Tail(10),
            AdviceKind.Education => 14 + dice.Tail(12),
            AdviceKind.Medical => 25 + dice.Tail(14),
            AdviceKind.Psychological => 30 + dice.Tail(8 + adviceLateness),
            AdviceKind.SocialCare => 18 + dice.Tail(16),
            _ => 24 + dice.Tail(12),
        };

    private void Reuse(AdviceKind kind, string from, int agreed) =>
        Authority(agreed).AdviceReused = new()
        {
            Kind = kind,
            From = from,
            ProvidedFor = "an earlier review",
            ProvidedOn = DateOnly.FromDayNumber(agreed - dice.Between(40, 200)).ToString("O"),
            Satisfied = new()
            {
                Adviser = true,
                Authority = true,
                Family = true,
            },
        };

    private void MissAppointment(string body, string adviceId, int missed)
    {
        By(body, missed).AppointmentMissed = new() { AdviceId = adviceId };
        By(body, missed + 1).ExceptionClaimed = new()
        {
            Ground = ExceptionGround.MissedAppointment,
            Obligation = "give_advice",
            AdviceId = adviceId,
        };
    }

    /// <summary>A claim that holds: the school's summer where advice was asked for in its window, else absence or circumstances.</summary>
    private void Exception(SimulatedCase simulated, int agreed, int? askedSchoolOn)
    {
        var begin = simulated.Received ?? agreed;
        var end = Math.Min(simulated.Plan!.Value, begin + 140);
        var claim = new ExceptionClaimed { Obligation = simulated.Received is null || dice.Percent(70) ? "finalise_plan" : "" };
        int claimed;
        if (askedSchoolOn is { } asked && SummerAround(asked) is { } summer && dice.Percent(80))
        {
            claimed = Math.Max(asked + 1, summer.ClosedFrom);
            claim.Ground = ExceptionGround.SchoolClosure;
            claim.AdviceRequestedOn = DateOnly.FromDayNumber(asked).ToString("O");
            claim.ClosedFrom = DateOnly.FromDayNumber(summer.ClosedFrom).ToString("O");
            claim.ReopensOn = DateOnly.FromDayNumber(summer.ReopensOn).ToString("O");
        }
        else if (end - begin >= 50 && dice.Percent(40))
        {
            var absent = dice.Between(begin + 1, end - 40);
            var returned = Math.Min(end - 1, absent + 28 + dice.Tail(12));
            claimed = returned;
            claim.Ground = ExceptionGround.AbsentFromArea;
            claim.AbsentFrom = DateOnly.FromDayNumber(absent).ToString("O");
            claim.ReturnedOn = DateOnly.FromDayNumber(returned).ToString("O");
        }
        else
        {
            claimed = dice.Between(begin + (end - begin) / 2, end);
            claim.Ground = ExceptionGround.ExceptionalCircumstances;
            claim.Reason = "Circumstances of the family, noted on the case";
        }
        claimed = Math.Min(claimed, simulated.Plan.Value);
        claim.FamilyToldOn = DateOnly.FromDayNumber(claimed).ToString("O");
        Authority(claimed).ExceptionClaimed = claim;
    }

    /// <summary>The school's summer holiday, where advice asked for on that day falls in its window, reg 10(4)(a).</summary>
    private (int ClosedFrom, int ReopensOn)? SummerAround(int asked)
    {
        var year = DateOnly.FromDayNumber(asked).Year;
        var closedFrom = new DateOnly(year, 7, 22).DayNumber + dice.Below(4);
        var reopensOn = new DateOnly(year, 9, 4).DayNumber;
        return asked >= closedFrom - 7 && asked <= reopensOn - 7 ? (closedFrom, reopensOn) : null;
    }

    private void Draft(int draft, int plan)
    {
        Authority(draft).DraftPlanServed = new();
        var schools = dice.Percent(55)
            ? dice.Percent(25)
                ? 2
                : 1
            : 0;
        for (var i = 0; i < schools; i++)
        {
            var urn = bodies.Schools[dice.Below(bodies.Schools.Count)];
            var consulted = Math.Min(Weekday(draft + dice.Below(4)), plan - 1);
            Authority(consulted).SchoolConsulted = new() { Urn = urn };
            if (dice.Percent(88))
            {
                Authority(Math.Min(Weekday(consulted + 6 + dice.Tail(6)), plan)).SchoolReplied = new() { Urn = urn };
            }
        }
        var early = plan < draft + 15;
        if (early || dice.Percent(80))
        {
            var answered = Math.Min(Weekday(draft + 3 + dice.Below(12)), plan);
            Authority(answered).FamilyResponded = new() { AgreesToFinalise = early || dice.Percent(55) };
        }
        if (dice.Percent(25))
        {
            By(bodies.Board, Math.Min(Weekday(draft + 2 + dice.Below(12)), plan)).SectionGAgreed = new();
        }
    }

    private void Order(SimulatedOrder order)
    {
        var fact = Authority(order.Day);
        if (order.Mediation != MediationIssue.Unspecified)
        {
            fact.MediationAgreed = new()
            {
                Issue = order.Mediation,
                Obligor = bodies.LocalAuthority,
                AuthorityWasParty = true,
            };
        }
        else if (order.Unopposed)
        {
            fact.AppealUnopposed = new() { Issue = order.Tribunal };
        }
        else
        {
            fact.TribunalOrdered = new() { Issue = order.Tribunal };
        }
    }

    private void Withdraw(int day)
    {
        if (dice.Percent(25))
        {
            Authority(day).MovedOut = new();
        }
        else
        {
            Authority(day).RequestWithdrawn = new();
        }
    }

    /// <summary>A plan's annual reviews: a meeting, what was decided after it, less than half of it within four weeks.</summary>
    private void Review(int plan, bool mayAmend)
    {
        for (var last = plan; last + 365 < until + 60; )
        {
            var meeting = Weekday(last + 290 + dice.Tail(40));
            var decided = Weekday(meeting + (dice.Percent(45) ? dice.Between(5, 26) : 29 + dice.Tail(40)));
            var amends = mayAmend && dice.Percent(35);
            Authority(meeting).ReviewMeetingHeld = new();
            Authority(decided).ReviewDecisionNotified = new() { Outcome = amends ? ReviewOutcome.Amend : ReviewOutcome.Maintain };
            if (amends)
            {
                Authority(decided).AmendmentNoticeServed = new();
                Authority(Weekday(decided + 28 + dice.Tail(30))).AmendedPlanFinalised = new();
            }
            last = decided;
        }
    }

    private void Amend(SimulatedCase simulated)
    {
        if (simulated.Amended is not { } amended)
        {
            return;
        }
        if (simulated.Orders.Exists(order => order.Mediation == MediationIssue.OtherAction))
        {
            Authority(amended).MediationActionDone = new();
        }
        else
        {
            Authority(amended).AmendedPlanFinalised = new();
        }
    }

    private static int Before(int? day) => day is { } known ? known - 1 : Open;

    /// <summary>That day, or the Monday after a weekend.</summary>
    private static int Weekday(int day) =>
        DateOnly.FromDayNumber(day).DayOfWeek switch
        {
            DayOfWeek.Saturday => day + 2,
            DayOfWeek.Sunday => day + 1,
            _ => day,
        };
}
