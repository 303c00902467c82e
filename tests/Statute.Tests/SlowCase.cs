using System.Globalization;
using static SendExchange.Statute.Tests.SlowCalendar;

namespace SendExchange.Statute.Tests;

/// <summary>One case of <see cref="SlowOracle"/>: each duty is asked for its dates, one after the other, from all the facts.</summary>
/// <remarks>Every limit stands here as a plain number, from the Regulations and from decision 0007.</remarks>
internal sealed class SlowCase
{
    private static readonly DateOnly Regulations = new(2014, 9, 1);
    private static readonly DateOnly DetainedPersons = new(2015, 4, 1);
    private static readonly DateOnly Appeals = new(2015, 3, 23);

    private readonly string authority;
    private readonly DateOnly asOf;
    private readonly List<SlowOracle.Standing> known;
    private readonly List<Order> orders;
    private readonly List<Fact> ceases;
    private readonly List<SlowOracle.Line> lines = [];

    public SlowCase(string authority, List<SlowOracle.Standing> standing, DateOnly asOf)
    {
        this.authority = authority;
        this.asOf = asOf;
        known =
        [
            .. standing
                .Where(s => s.Fact.On <= asOf)
                .OrderBy(s => s.Fact.On)
                .ThenBy(s => s.Fact.Organisation, StringComparer.Ordinal)
                .ThenBy(s => s.Fact.FactId, StringComparer.Ordinal),
        ];
        orders = [.. known.Select(s => OrderOf(s.Fact)).OfType<Order>()];
        ceases = FactsOf<FactBody.PlanCeased>().FindAll(c => !orders.Exists(o => o.Undoes && o.Day >= c.On));
    }

    public List<SlowOracle.Line> Lines()
    {
        Assessment();
        Advice();
        Schools();
        orders.ForEach(Answer);
        OtherAgreements();
        Transfers();
        AnnualReviews();
        Reviews();
        PhaseTransfers();
        Reassessments();
        return lines;
    }

    /// <summary>An order, an unopposed appeal or an agreement on something that could be appealed against.</summary>
    private sealed record Order(Fact Fact, AppealIssue Issue, bool Tribunal, bool Agreement, DateOnly? Agreed)
    {
        public DateOnly Day => Fact.On;

        public bool ToAssess => Issue == AppealIssue.Assess;

        public bool ToPlan => Issue is AppealIssue.Assess or AppealIssue.MakePlan;

        public bool Undoes => !Agreement && Issue is AppealIssue.Continue or AppealIssue.ContinueAndAmend;

        public string[] Subjects =>
            Issue switch
            {
                AppealIssue.Assess or AppealIssue.MakePlan => ["assessment"],
                AppealIssue.Reassess => ["reassessment"],
                AppealIssue.Reconsider => ["reconsidering"],
                AppealIssue.AmendContent => ["content"],
                AppealIssue.AmendPlacement => ["placement"],
                AppealIssue.ContinueAndAmend => ["content", "ceasing"],
                AppealIssue.Continue or AppealIssue.DismissCease => ["ceasing"],
                _ => [],
            };
    }

    private static Order? OrderOf(Fact fact) =>
        fact.Body switch
        {
            FactBody.TribunalOrdered o => new Order(fact, o.Issue, true, false, null),
            FactBody.AppealUnopposed o => new Order(fact, o.Issue, false, false, null),
            FactBody.MediationAgreed m when Appealable(m.Issue) is { } issue => new Order(fact, issue, false, true, m.AgreedDate),
            _ => null,
        };

    private static AppealIssue? Appealable(MediationIssue issue) =>
        issue switch
        {
            MediationIssue.Assess => AppealIssue.Assess,
            MediationIssue.MakePlan => AppealIssue.MakePlan,
            MediationIssue.AmendContent => AppealIssue.AmendContent,
            MediationIssue.AmendPlacement => AppealIssue.AmendPlacement,
            _ => null,
        };

    // The assessment: one of each in a case, from the earliest start.
    private void Assessment()
    {
        var starts = known
            .Select(s => (s.Fact, Day: StartOf(s.Fact)))
            .Where(s => s.Day is not null)
            .OrderBy(s => s.Day)
            .Select(s => (s.Fact, Day: s.Day!.Value))
            .ToList();
        if (starts.Count == 0 || starts[0].Day < Regulations)
        {
            return;
        }
        var (begun, d0) = starts[0];
        var decisions = Days(b => b is FactBody.DecisionNotified);
        var plans = Days(b => b is FactBody.PlanFinalised);
        var noPlans = Days(b => b is FactBody.NoPlanNotified);
        var toAssess = orders.FindAll(o => o.ToAssess).ConvertAll(o => o.Day);
        var toPlan = orders.FindAll(o => o.ToPlan).ConvertAll(o => o.Day);
        var left = Left().Concat(Withdrawals()).ToList();
        List<DateOnly> refusal = Refusal() is { } refused ? [refused] : [];

        Say(
            new Duty(ObligationCode.DecideToAssess, begun, d0)
            {
                Weeks = 6,
                Done = decisions,
                Superseded = toAssess,
                Withdrawn = left,
                EndsWhenever = true,
            }
        );
        if (decisions.Count + plans.Count + noPlans.Count > 0)
        {
            Say(
                new Duty(ObligationCode.NotifyNoPlan, begun, d0)
                {
                    Weeks = 16,
                    Done = noPlans,
                    Moot = [.. refusal, .. plans],
                    Superseded = toPlan,
                    Withdrawn = left,
                    Conditional = true,
                    EndsWhenever = true,
                }
            );
        }
        var detained = FactsOf<FactBody.RequestReceived>() is [{ Body: FactBody.RequestReceived { Detained: true } }, ..];
        if (!detained || d0 >= DetainedPersons)
        {
            // A no-plan notice that an unordered plan followed ended nothing.
            var overtaken = noPlans.Count > 0 && plans.Count > 0 && plans[0] > noPlans[0] && !toPlan.Exists(o => o < plans[0]);
            Say(
                new Duty(ObligationCode.FinalisePlan, begun, d0)
                {
                    Weeks = 20,
                    Done = plans,
                    Moot = overtaken ? refusal : [.. refusal, .. noPlans],
                    Superseded = toPlan,
                    Withdrawn = left,
                    Detained = detained,
                    EndsWhenever = true,
                }
            );
        }
    }

    private static DateOnly? StartOf(Fact fact) =>
        fact.Body switch
        {
            FactBody.RequestReceived or FactBody.BroughtToAttention => fact.On,
            FactBody.BecameResponsible moved => new[] { fact.On, moved.AwareOn ?? fact.On }.Max(),
            _ => null,
        };

    // The day of the refusal after which the authority never again showed, unordered, that it would assess.
    private DateOnly? Refusal()
    {
        var own = FactsOf<FactBody.DecisionNotified>().FindAll(f => !orders.Exists(o => o.ToAssess && o.Day < f.On));
        var lastToAssess = own.FindLastIndex(f => f.Body is not FactBody.DecisionNotified { Outcome: AssessmentDecision.DoNotAssess });
        if (lastToAssess == own.Count - 1)
        {
            return null;
        }
        var refused = own[lastToAssess + 1].On;
        var outcomes = Days(b => b is FactBody.PlanFinalised).Take(1).Concat(Days(b => b is FactBody.NoPlanNotified).Take(1));
        return outcomes.Any(day => day > refused && !orders.Exists(o => o.ToPlan && o.Day < day)) ? null : refused;
    }

    private void Advice()
    {
        foreach (var adviceId in FactsOf<FactBody.AdviceSought>().Select(f => ((FactBody.AdviceSought)f.Body).AdviceId).Distinct())
        {
            var asked = FactsOf<FactBody.AdviceSought>().First(f => f.Body is FactBody.AdviceSought s && s.AdviceId == adviceId);
            var sought = (FactBody.AdviceSought)asked.Body;
            var start = sought.ReceivedByBodyOn ?? asked.On;
            if (sought.Kind == AdviceKind.ParentYp || sought.From is null || start < Regulations)
            {
                continue;
            }
            Say(
                new Duty(ObligationCode.GiveAdvice, asked, start)
                {
                    Weeks = 6,
                    AdviceId = adviceId,
                    Obligor = sought.From,
                    Done =
                    [
                        .. known
                            .Where(s => s.Fact.Organisation == authority || s.Fact.Organisation == sought.From)
                            .Where(s =>
                                s.Fact.Body is FactBody.AdviceGiven { AdviceId: var given } && given == adviceId
                                || s.Fact.Body is FactBody.AdviceReceived { AdviceId: var received } && received == adviceId
                            )
                            .Select(s => s.Fact.On),
                    ],
                    Moot = Refusal() is { } refused ? [refused] : [],
                    Withdrawn = [.. Left(), .. Withdrawals()],
                }
            );
        }
    }

    private void Schools()
    {
        foreach (var consulted in FactsOf<FactBody.SchoolConsulted>())
        {
            if (((FactBody.SchoolConsulted)consulted.Body).Urn is { } urn && consulted.On >= Regulations)
            {
                Say(
                    new Duty(ObligationCode.SchoolReply, consulted, consulted.On)
                    {
                        Target = consulted.On.AddDays(14),
                        Due = consulted.On.AddDays(15),
                        Placed = true,
                        Guidance = true,
                        Obligor = $"school:{urn}",
                        Done =
                        [
                            .. FactsOf<FactBody.SchoolReplied>()
                                .Where(f => f.On >= consulted.On)
                                .Where(f =>
                                    f.Body is FactBody.SchoolReplied { Urn: var replied }
                                    && (replied == urn || replied is null && f.Organisation == $"school:{urn}")
                                )
                                .Select(f => f.On),
                        ],
                        Moot = Days(b => b is FactBody.PlanFinalised or FactBody.NoPlanNotified),
                        Withdrawn = [.. Left(), .. Withdrawals()],
                    }
                );
            }
        }
    }

    // What an order, an unopposed appeal or an agreement calls for.
    private void Answer(Order order)
    {
        switch (order.Issue)
        {
            case AppealIssue.Assess or AppealIssue.Reassess:
                var again = order.Issue == AppealIssue.Reassess;
                var plans = Days(b => b is FactBody.PlanFinalised || again && b is FactBody.ReassessedPlanFinalised);
                Step(
                    order,
                    ObligationCode.OrderNotify,
                    2,
                    Days(b =>
                        b is FactBody.DecisionNotified { Outcome: AssessmentDecision.Assess }
                        || again && b is FactBody.ReassessmentDecided { Outcome: ReassessmentDecision.Reassess }
                    )
                );
                Step(order, ObligationCode.OrderNoPlan, 10, Days(b => b is FactBody.NoPlanNotified), plans, conditional: true);
                Step(order, ObligationCode.OrderFinalisePlan, 14, plans, NoPlansThatStay(order, plans));
                break;
            case AppealIssue.MakePlan:
                var made = Days(b => b is FactBody.PlanFinalised);
                Step(order, ObligationCode.OrderDraftPlan, 5, Days(b => b is FactBody.DraftPlanServed), made);
                Step(order, ObligationCode.OrderFinalisePlan, 11, made);
                break;
            case AppealIssue.Reconsider when order.Tribunal:
                Step(order, ObligationCode.OrderReconsider, 2, Days(IsDecision));
                break;
            case AppealIssue.AmendContent or AppealIssue.ContinueAndAmend:
                Step(order, ObligationCode.OrderAmendContent, 5, Days(b => b is FactBody.AmendedPlanFinalised));
                break;
            case AppealIssue.AmendPlacement:
                Step(
                    order,
                    ObligationCode.OrderAmendPlacement,
                    2,
                    Days(b => b is FactBody.AmendedPlanFinalised or FactBody.PhaseTransferNamed)
                );
                break;
            case AppealIssue.DismissCease when order.Tribunal && order.Day >= Appeals:
                Say(
                    new Duty(ObligationCode.OrderCease, order.Fact, order.Day)
                    {
                        Target = order.Day,
                        Due = order.Day.AddDays(1),
                        Placed = true,
                        Done = CeasesFor(order),
                        Superseded = Later(order, "ceasing"),
                        Withdrawn = Left(),
                    }
                );
                break;
            default:
                break;
        }
    }

    // Those from the order's day on, and those before it since when there was neither a plan nor an order to continue it.
    private List<DateOnly> CeasesFor(Order order) =>
        Days(b => b is FactBody.PlanCeased)
            .FindAll(c =>
                c >= order.Day
                || !PlanDays().Exists(p => p > c && p < order.Day) && !orders.Exists(o => o.Undoes && o.Day >= c && o.Day < order.Day)
            );

    private static bool IsDecision(FactBody body) =>
        body
            is FactBody.DecisionNotified
                or FactBody.NoPlanNotified
                or FactBody.DraftPlanServed
                or FactBody.PlanFinalised
                or FactBody.ReviewDecisionNotified
                or FactBody.AmendmentNoticeServed
                or FactBody.AmendedPlanFinalised
                or FactBody.NotAmendingNotified
                or FactBody.ReassessmentDecided
                or FactBody.ReassessedPlanFinalised;

    // No-plan notices after the order, unless a plan answers the same order after all.
    private List<DateOnly> NoPlansThatStay(Order order, List<DateOnly> plans)
    {
        var noPlans = Days(b => b is FactBody.NoPlanNotified).FindAll(n => n >= order.Day);
        var replaced = Later(order, order.Subjects[0]);
        return noPlans.FindAll(n => !plans.Exists(p => p > n && !replaced.Exists(r => r < p)));
    }

    // The days of later orders that put a new clock in this one's place.
    private List<DateOnly> Later(Order order, string subject) =>
        [.. orders.Where(o => o.Day > order.Day && o.Subjects.Contains(subject)).Select(o => o.Day)];

    private void Step(Order order, string code, int weeks, List<DateOnly> done, List<DateOnly>? moot = null, bool conditional = false)
    {
        if (order.Day < Appeals)
        {
            return;
        }
        var ofThePlan = order.Issue is AppealIssue.AmendContent or AppealIssue.AmendPlacement or AppealIssue.ContinueAndAmend;
        var duty = new Duty(code, order.Fact, order.Day)
        {
            Weeks = weeks,
            Placed = true,
            Conditional = conditional,
            Done = done.FindAll(d => d >= order.Day),
            Moot = [.. moot ?? [], .. ofThePlan || order.Issue == AppealIssue.Reassess ? CeaseDays() : []],
            Superseded = Later(order, order.Subjects[0]), // What CONTINUE_AND_AMEND calls for is content.
            Withdrawn = [.. Left(), .. ofThePlan ? [] : Withdrawals()],
        };
        if (order.Agreed is { } agreed && agreed >= order.Day)
        {
            var limit = order.Day.AddDays(7 * weeks);
            duty = ofThePlan
                ? duty with
                {
                    Target = agreed,
                    Due = agreed,
                }
                : duty with
                {
                    Target = Earlier(limit.AddDays(-1), agreed),
                    Due = LaterOf(limit, agreed),
                };
        }
        Say(duty);
    }

    private void OtherAgreements()
    {
        foreach (var fact in FactsOf<FactBody.MediationAgreed>())
        {
            var agreement = (FactBody.MediationAgreed)fact.Body;
            var obligor = agreement.Obligor ?? (agreement.AuthorityWasParty ? authority : null);
            if (agreement.Issue != MediationIssue.OtherAction || obligor is null || fact.On < Regulations)
            {
                continue;
            }
            var action = new Duty(ObligationCode.MediationAction, fact, fact.On)
            {
                Weeks = 2,
                Placed = true,
                Obligor = obligor,
                Done =
                [
                    .. FactsOf<FactBody.MediationActionDone>()
                        .Where(f => f.On >= fact.On && (f.Organisation == authority || f.Organisation == obligor))
                        .Select(f => f.On),
                ],
                Withdrawn = Left(),
            };
            Say(agreement.AgreedDate >= fact.On ? action with { Target = agreement.AgreedDate, Due = agreement.AgreedDate } : action);
            if (!agreement.AuthorityWasParty && (obligor.StartsWith("icb:") || obligor.StartsWith("ccg:")))
            {
                Say(
                    new Duty(ObligationCode.MediationReport, fact, fact.On)
                    {
                        Weeks = 1,
                        Placed = true,
                        Obligor = obligor,
                        Done =
                        [
                            .. FactsOf<FactBody.MediationReported>()
                                .Where(f => f.On >= fact.On && (f.Organisation == authority || f.Organisation == obligor))
                                .Select(f => f.On),
                        ],
                        Withdrawn = Left(),
                    }
                );
            }
        }
    }

    private void Transfers()
    {
        foreach (var fact in FactsOf<FactBody.PlanTransferredIn>())
        {
            var move = (FactBody.PlanTransferredIn)fact.Body;
            var day = fact.On;
            var movedBefore = FactsOf<FactBody.PlanTransferredIn>().Exists(f => f.On < day);
            var countsFrom =
                move.OldAuthorityAwareOn is { } known ? Earlier(known, day)
                : movedBefore ? day
                : DateOnly.MinValue;
            var transferred = FactsOf<FactBody.PlanTransferred>()
                .Where(f => move.OldAuthority is null || f.Organisation == authority || f.Organisation == move.OldAuthority)
                .Select(f => f.On)
                .Where(d => d >= countsFrom)
                .ToList();
            if (move.OldAuthority is { } old && day >= Regulations)
            {
                var fifteenth = WorkingDayBeginningWith(move.OldAuthorityAwareOn ?? day, 15);
                var due = LaterOf(day, fifteenth);
                Say(
                    new Duty(ObligationCode.TransferPlan, fact, move.OldAuthorityAwareOn is { } aware && fifteenth >= day ? aware : day)
                    {
                        Target = move.OldAuthorityAwareOn is null ? day : due,
                        Due = due,
                        Placed = true,
                        Obligor = old,
                        Done = transferred,
                        Moot = CeaseDays(),
                        Withdrawn = Left(),
                    }
                );
            }
            var since = transferred.Count > 0 ? LaterOf(day, transferred[0]) : day;
            if (since >= Regulations)
            {
                Say(
                    new Duty(ObligationCode.TransferInformFamily, fact, since)
                    {
                        Weeks = 6,
                        Placed = true,
                        Done = Days(b => b is FactBody.TransferFamilyInformed).FindAll(d => d >= day),
                        Moot = CeaseDays(),
                        Withdrawn = Left(),
                    }
                );
            }
            if (day < Regulations)
            {
                continue;
            }
            var three = MonthsFrom(day, 3);
            var said = new[] { move.PlanMadeOn, move.LastReviewedOn }.Where(d => d <= day).ToList();
            var twelve = said.Count > 0 ? MonthsFrom(said.Max()!.Value, 12) : MonthsFrom(day, 12);
            Say(
                new Duty(ObligationCode.TransferReview, fact, said.Count > 0 && twelve > three ? said.Max()!.Value : day)
                {
                    Target = (said.Count > 0 ? LaterOf(three, twelve) : three).AddDays(-1),
                    Due = LaterOf(three, twelve),
                    Placed = true,
                    Done = Days(b => b is FactBody.ReviewDecisionNotified).FindAll(d => d >= day),
                    Moot = CeaseDays(),
                    Withdrawn = Left(),
                }
            );
        }
    }

    private void AnnualReviews()
    {
        foreach (var fact in known.Select(s => s.Fact).Where(f => f.On >= Regulations))
        {
            var isPlan = fact.Body is FactBody.PlanFinalised or FactBody.ReassessedPlanFinalised;
            if (isPlan || fact.Body is FactBody.ReviewDecisionNotified && !PlanHadEnded(fact.On))
            {
                Say(
                    new Duty(ObligationCode.AnnualReview, fact, fact.On)
                    {
                        Target = MonthsFrom(fact.On, 12).AddDays(-1),
                        Due = MonthsFrom(fact.On, 12),
                        Placed = true,
                        Done = Days(b => b is FactBody.ReviewDecisionNotified).FindAll(d => d > fact.On),
                        Moot = [.. PlanDays().Where(d => d > fact.On), .. CeaseDays()],
                        Withdrawn = Left(),
                    }
                );
            }
        }
    }

    private void Reviews()
    {
        var notices = FactsOf<FactBody.AmendmentNoticeServed>();
        var decisions = FactsOf<FactBody.ReviewDecisionNotified>();
        var ofReviews = new List<Fact>();
        var meetings = FactsOf<FactBody.ReviewMeetingHeld>()
            .Where(f => f.On >= Regulations && !PlanHadEnded(f.On))
            .DistinctBy(f => f.On)
            .ToList();
        foreach (var meeting in meetings)
        {
            var day = meeting.On;
            Say(
                new Duty(ObligationCode.ReviewDecision, meeting, day)
                {
                    Weeks = 4,
                    Placed = true,
                    Done = [.. decisions.Select(d => d.On).Where(d => d >= day)],
                    Moot = CeaseDays(),
                    Withdrawn = Left(),
                }
            );
            var next = meetings.Find(m => m.On > day)?.On ?? DateOnly.MaxValue;
            var decision = decisions.Find(f => f.On >= day && f.On < next);
            var notice = notices.Find(f => f.On >= day && f.On < next);
            var amends = decision?.Body is FactBody.ReviewDecisionNotified { Outcome: ReviewOutcome.Amend };
            if (!amends && (decision is not null || notice is null))
            {
                continue;
            }
            var done = Days(EndsAmending).FindAll(d => d >= (decision ?? notice)!.On);
            if (notice is not null && done.Exists(d => d < notice.On))
            {
                notice = null;
            }
            if (notice is not null)
            {
                ofReviews.Add(notice);
            }
            var due = day.AddDays(7 * 12);
            var start = day;
            if (notice is not null && notice.On.AddDays(7 * 8) <= due)
            {
                (start, due) = (notice.On, notice.On.AddDays(7 * 8));
            }
            SayAmended(meeting, start, due, done);
        }
        foreach (var notice in notices.Except(ofReviews).Where(n => n.On >= Regulations && !PlanHadEnded(n.On)))
        {
            SayAmended(notice, notice.On, notice.On.AddDays(7 * 8), Days(EndsAmending).FindAll(d => d >= notice.On));
        }
    }

    private static bool EndsAmending(FactBody body) =>
        body is FactBody.AmendedPlanFinalised or FactBody.PhaseTransferNamed or FactBody.NotAmendingNotified;

    private void SayAmended(Fact calledForBy, DateOnly start, DateOnly due, List<DateOnly> done) =>
        Say(
            new Duty(ObligationCode.AmendedPlan, calledForBy, start)
            {
                Target = due.AddDays(-1),
                Due = due,
                Placed = true,
                Done = done,
                Moot = CeaseDays(),
                Withdrawn = Left(),
            }
        );

    private void PhaseTransfers()
    {
        foreach (var fact in FactsOf<FactBody.PhaseTransferExpected>().FindAll(f => !PlanHadEnded(f.On)))
        {
            var expected = (FactBody.PhaseTransferExpected)fact.Body;
            var first = expected.Kind == PhaseTransferKind.Post16ToPost16 ? new DateOnly(2015, 2, 1) : new DateOnly(2015, 1, 1);
            if (expected.TransferOn is not { } transfer || transfer < first)
            {
                continue;
            }
            var (target, due) = expected.Kind switch
            {
                PhaseTransferKind.Post16ToPost16 => (MonthsFrom(transfer, -5), MonthsFrom(transfer, -5)),
                PhaseTransferKind.SecondaryToPost16 when transfer.Year == 2015 => (new DateOnly(2015, 5, 30), new DateOnly(2015, 5, 31)),
                PhaseTransferKind.SecondaryToPost16 => (new DateOnly(transfer.Year, 3, 30), new DateOnly(transfer.Year, 3, 31)),
                PhaseTransferKind.School => (new DateOnly(transfer.Year, 2, 14), new DateOnly(transfer.Year, 2, 15)),
                _ => (default, default),
            };
            var firstPlan = PlanDays().Take(1).ToList();
            if (due == default || firstPlan.Exists(p => p > due))
            {
                continue;
            }
            Say(
                new Duty(ObligationCode.PhaseTransfer, fact, transfer)
                {
                    Target = target,
                    Due = due,
                    Placed = true,
                    Done = Days(b => b is FactBody.PhaseTransferNamed).FindAll(d => d >= MonthsFrom(transfer, -18)),
                    Moot = CeaseDays(),
                    Withdrawn = Left(),
                }
            );
        }
    }

    private void Reassessments()
    {
        var ordered = orders.FindAll(o => o.Issue == AppealIssue.Reassess).ConvertAll(o => o.Day);
        foreach (var asked in FactsOf<FactBody.ReassessmentRequested>().Where(f => f.On >= Regulations && !PlanHadEnded(f.On)))
        {
            Say(
                new Duty(ObligationCode.DecideToReassess, asked, asked.On)
                {
                    Target = asked.On.AddDays(14),
                    Due = asked.On.AddDays(15),
                    Placed = true,
                    Done = Days(b => b is FactBody.ReassessmentDecided).FindAll(d => d >= asked.On),
                    Moot = CeaseDays(),
                    Superseded = ordered,
                    Withdrawn = [.. Left(), .. Withdrawals()],
                }
            );
        }
        var requested = Days(b => b is FactBody.ReassessmentRequested);
        foreach (var decided in FactsOf<FactBody.ReassessmentDecided>().Where(f => f.On >= Regulations))
        {
            var lastOrder = ordered.LastOrDefault(d => d <= decided.On);
            var lastRequest = requested.LastOrDefault(d => d <= decided.On);
            var answersOrder = lastOrder != default && lastOrder >= lastRequest;
            if (decided.Body is FactBody.ReassessmentDecided { Outcome: ReassessmentDecision.Reassess } && !answersOrder)
            {
                Say(
                    new Duty(ObligationCode.FinaliseReassessedPlan, decided, decided.On)
                    {
                        Weeks = 14,
                        Placed = true,
                        Done = Days(b => b is FactBody.ReassessedPlanFinalised).FindAll(d => d >= decided.On),
                        Moot =
                        [
                            .. Days(b => b is FactBody.ReassessmentDecided { Outcome: ReassessmentDecision.DoNotReassess })
                                .Where(d => d > decided.On),
                            .. CeaseDays(),
                        ],
                        Superseded = ordered,
                        Withdrawn = [.. Left(), .. Withdrawals()],
                    }
                );
            }
        }
    }

    // The plan ceased, or the child moved away, on an earlier day, and no plan came after that.
    private bool PlanHadEnded(DateOnly day) =>
        CeaseDays().Concat(Left()).Any(end => end < day && !PlanDays().Any(plan => plan > end && plan <= day));

    private List<DateOnly> PlanDays() =>
        Days(b => b is FactBody.PlanFinalised or FactBody.ReassessedPlanFinalised or FactBody.PlanTransferredIn);

    private List<DateOnly> CeaseDays() => ceases.ConvertAll(c => c.On);

    private List<DateOnly> Left() => Days(b => b is FactBody.MovedOut);

    private List<DateOnly> Withdrawals() => Days(b => b is FactBody.RequestWithdrawn);

    private List<DateOnly> Days(Func<FactBody, bool> which) => [.. known.Where(s => which(s.Fact.Body)).Select(s => s.Fact.On)];

    private List<Fact> FactsOf<TBody>()
        where TBody : FactBody => [.. known.Select(s => s.Fact).Where(f => f.Body is TBody)];

    private static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;

    private static DateOnly LaterOf(DateOnly a, DateOnly b) => a > b ? a : b;

    /// <summary>One duty with every day that could end it.</summary>
    private sealed record Duty(string Code, Fact CalledForBy, DateOnly Start)
    {
        public int Weeks { get; init; }
        public DateOnly? Target { get; init; }
        public DateOnly? Due { get; init; }
        public string? AdviceId { get; init; }
        public string? Obligor { get; init; }
        public bool Placed { get; init; }
        public bool Conditional { get; init; }
        public bool Guidance { get; init; }
        public bool Detained { get; init; }
        public List<DateOnly> Done { get; init; } = [];

        /// <summary>What ends it counts also where it is dated before the fact that calls for it.</summary>
        public bool EndsWhenever { get; init; }
        public List<DateOnly> Moot { get; init; } = [];
        public List<DateOnly> Superseded { get; init; } = [];
        public List<DateOnly> Withdrawn { get; init; } = [];
    }

    // The first day on which something was done or ended decides; done comes first, then moot, superseded, withdrawn.
    private void Say(Duty duty)
    {
        var due = duty.Due ?? duty.Start.AddDays(7 * duty.Weeks);
        var target = duty.Target ?? due.AddDays(-1);
        var called = duty.CalledForBy.On;
        var (first, what) = duty
            .Done.Select(day => (Day: (DateOnly?)day, What: ObligationState.Met))
            .Concat(Ends(duty.Moot, ObligationState.NotApplicable))
            .Concat(Ends(duty.Superseded, ObligationState.Superseded))
            .Concat(Ends(duty.Withdrawn, ObligationState.Withdrawn))
            .OrderBy(e => e.Day)
            .FirstOrDefault((Day: null, What: ObligationState.Open));

        var lived = (first ?? asOf).DayNumber - due.DayNumber;
        var late = lived > 0 && !duty.Guidance && !(duty.Conditional && what != ObligationState.Met);
        var state =
            !late ? what
            : what == ObligationState.Met ? ObligationState.MetLate
            : ObligationState.Breached;

        var claim = known.Select(s => s.Fact).FirstOrDefault(f => f.Body is FactBody.ExceptionClaimed c && Helps(duty, due, f, c));
        if (late && claim is not null)
        {
            (late, state) = (false, ObligationState.Disapplied);
        }
        lines.Add(
            new SlowOracle.Line(
                duty.Code,
                duty.AdviceId,
                duty.Placed ? known.Find(s => s.Fact == duty.CalledForBy)!.Place : null,
                duty.Obligor ?? authority,
                duty.Start,
                target,
                due,
                state,
                what == ObligationState.Met ? first : null,
                late ? lived : 0,
                what == ObligationState.Met ? null : first,
                claim is not null,
                state == ObligationState.Disapplied ? Wire(((FactBody.ExceptionClaimed)claim!.Body).Ground) : null,
                duty.Guidance
            )
        );

        IEnumerable<(DateOnly? Day, ObligationState What)> Ends(List<DateOnly> days, ObligationState state) =>
            days.Where(day => day >= called || duty.EndsWhenever).Select(day => ((DateOnly?)day, state));
    }

    // Whether the claim is this body's to make, is for this duty, has a ground that reaches it, and shows what it must.
    private bool Helps(Duty duty, DateOnly due, Fact fact, FactBody.ExceptionClaimed claim)
    {
        var theirs = fact.Organisation == authority || fact.Organisation == (duty.Obligor ?? authority);
        var named =
            claim.Obligation is null ? claim.AdviceId is null || claim.AdviceId == duty.AdviceId
            : claim.Obligation == ObligationCode.GiveAdvice && duty.Code == ObligationCode.GiveAdvice
                ? claim.AdviceId is null || claim.AdviceId == duty.AdviceId
            : claim.Obligation == duty.Code;
        if (!theirs || !named || duty.Placed && duty.CalledForBy.On > fact.On)
        {
            return false;
        }
        var ofAssessment =
            duty.Code
            is ObligationCode.DecideToAssess
                or ObligationCode.NotifyNoPlan
                or ObligationCode.FinalisePlan
                or ObligationCode.FinaliseReassessedPlan;
        var ofOrder = duty.Code.StartsWith("order_") && duty.Code != ObligationCode.OrderCease;
        var ofAdvice = duty.Code == ObligationCode.GiveAdvice;
        return claim.Ground switch
        {
            ExceptionGround.SchoolClosure or ExceptionGround.EarlyYearsClosure => (ofAssessment || ofOrder)
                && claim is { AdviceRequestedOn: { } asked, ClosedFrom: { } closed, ReopensOn: { } reopens }
                && closed.AddDays(28) <= reopens
                && closed.AddDays(-7) <= asked
                && asked <= reopens.AddDays(-7),
            ExceptionGround.ExceptionalCircumstances => (ofAssessment || ofOrder || ofAdvice) && claim.ReasonGiven,
            ExceptionGround.AbsentFromArea => (ofAssessment && !duty.Detained || ofOrder || ofAdvice)
                && WasAway(claim, ofOrder ? 14 : 28, duty.Start, due),
            ExceptionGround.MissedAppointment => ofAdvice
                && FactsOf<FactBody.AppointmentMissed>()
                    .Exists(f =>
                        f.Body is FactBody.AppointmentMissed { AdviceId: var id }
                        && id == duty.AdviceId
                        && f.On >= duty.Start
                        && f.On <= due
                    ),
            ExceptionGround.Coronavirus => duty.Code is not (ObligationCode.AmendedPlan or ObligationCode.SchoolReply)
                && due >= new DateOnly(2020, 5, 1)
                && due <= new DateOnly(2020, 9, 25),
            _ => false,
        };
    }

    // Day by day: long enough away, and away on some day of the limit.
    private bool WasAway(FactBody.ExceptionClaimed claim, int atLeast, DateOnly start, DateOnly due)
    {
        if (claim.AbsentFrom is not { } from)
        {
            return false;
        }
        var back = claim.ReturnedOn ?? asOf;
        return from.AddDays(atLeast) <= back && from <= due && (claim.ReturnedOn is null || back > start);
    }

    private static string Wire(ExceptionGround ground) =>
        string.Concat(ground.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{c}"))
            .ToUpper(CultureInfo.InvariantCulture);
}
