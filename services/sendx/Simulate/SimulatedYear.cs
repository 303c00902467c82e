using SendExchange.Statute;

namespace SendExchange.Sendx;

/// <summary>Cases of one authority whose facts, counted as SEN2 counts, give the published row of a calendar year back.</summary>
/// <remarks>
/// <para>How the figures are counted, and so what the cases are built for. Y is the year; census day is the third Thursday of the
/// January after it. "Decision", "plan", "no-plan notice" mean the case's first.</para>
/// <list type="bullet">
/// <item>Requests received: received in Y. Each by its outcome known on census day: the decision, else withdrawn or moved away,
/// else decision not made.</item>
/// <item>Six weeks: decisions notified in Y, whenever the request came, at most 42 days after the start, or more. Percentages are over
/// all decisions notified in Y, those with no recorded start included.</item>
/// <item>Mediation and tribunal about assessing: cases with an agreement, an order or unopposed appeal, or both, dated in Y.</item>
/// <item>Assessments: plans finalised in Y; no-plan notices in Y; withdrawn or moved in Y after the decision to assess; not made, that
/// is, all advice complete in Y but nothing come of it by census day. Any other case still under way therefore waits for advice at
/// the end of Y. No-plan notices in and out of 112 days, those with no start in neither.</item>
/// <item>Timeliness: plans finalised in Y, except those that followed an order or agreement: these ran another clock. At most 140 days,
/// at most 364, more; no band for a plan with no recorded start. The _ex columns leave out plans with an exception that holds.</item>
/// </list>
/// <para>What the row does not fix is drawn: the days, and how the year overlaps with those before and after.</para>
/// </remarks>
internal sealed partial class SimulatedYear
{
    private readonly AuthorityFigures _figures;
    private readonly Dice _dice;
    private readonly List<SimulatedCase> _cases = [];

    // Refused this year, and without a plan this year: cases that an order or agreement may turn round.
    private readonly List<SimulatedCase> _refused = [];
    private readonly List<SimulatedCase> _withoutPlan = [];

    private readonly Span _earlier;
    private readonly Span _lastYear;
    private readonly Span _thisYear;
    private readonly Span _untilCensus;
    private readonly Span _afterCensus;
    private readonly Span _anyTimeAfter;

    private SimulatedYear(AuthorityFigures figures, Dice dice)
    {
        _figures = figures;
        _dice = dice;
        var census = Sen2.CensusDay(figures.Year).DayNumber;
        _earlier = new Span(NewYear(figures.Year - 3), NewYear(figures.Year) - 1);
        _lastYear = new Span(NewYear(figures.Year - 1), NewYear(figures.Year) - 1);
        _thisYear = new Span(NewYear(figures.Year), NewYear(figures.Year + 1) - 1);
        _untilCensus = new Span(_thisYear.To + 1, census);
        _afterCensus = new Span(census + 1, LastDay(figures.Year).DayNumber);
        _anyTimeAfter = new Span(_thisYear.To + 1, _thisYear.To + 1_500);
    }

    /// <summary>The last day on which anything happens in a simulation of the year: cases not done by then stay open.</summary>
    public static DateOnly LastDay(int year) => new(year + 1, 6, 30);

    /// <summary>The cases, in the order in which they began.</summary>
    /// <exception cref="InvalidDataException">No set of days fits the figures. The message is for the user.</exception>
    public static IReadOnlyList<SimulatedCase> Cases(AuthorityFigures figures, Dice dice)
    {
        var year = new SimulatedYear(figures, dice);
        year.Decide();
        year.FollowOrders();
        year.AmendExistingPlans();
        year.Detain();
        return [.. year._cases.OrderBy(simulated => simulated.FirstDay)];
    }

    /// <summary>Everything but orders and agreements: who is decided when, and what comes of it.</summary>
    private void Decide()
    {
        var decidedOfYear = _figures.DecidedToAssess + _figures.Refused;
        var decisions = _figures.WithinSixWeeks + _figures.OverSixWeeks;
        // Some of the year's requests are decided in January; as many decisions and more come from requests of the year before.
        var inJanuary = Math.Max(decidedOfYear - decisions, decidedOfYear * 5 / 100);
        var fromLastYear = decisions - (decidedOfYear - inJanuary);
        var refusedInJanuary = Part(inJanuary, _figures.Refused, decidedOfYear);
        var refusedFromLastYear = Part(fromLastYear, _figures.Refused, decidedOfYear);

        var thisYears = new Decisions(_thisYear, decidedOfYear - inJanuary);
        var lastYears = new Decisions(_lastYear, fromLastYear);
        ShareOutLateDecisions(thisYears, lastYears);
        thisYears.ToAssess = _figures.DecidedToAssess - (inJanuary - refusedInJanuary);
        lastYears.ToAssess = fromLastYear - refusedFromLastYear;

        var toRefuse = (This: thisYears.Count - thisYears.ToAssess, Last: lastYears.Count - lastYears.ToAssess);
        Plans(thisYears, lastYears);
        NoPlans(thisYears);
        Dropped(thisYears);
        NotMade(thisYears);
        while (thisYears.ToAssess > 0)
        {
            UnderWay(thisYears.Received, _thisYear, thisYears.TakeToAssess());
        }
        while (lastYears.ToAssess > 0)
        {
            UnderWay(lastYears.Received, _thisYear, lastYears.TakeToAssess());
        }
        for (var i = 0; i < inJanuary - refusedInJanuary; i++)
        {
            UnderWay(_thisYear, _untilCensus, late: _dice.Percent(15));
        }

        for (var i = 0; i < toRefuse.This; i++)
        {
            _refused.Add(Refuse(_thisYear, _thisYear, thisYears.Take()));
        }
        for (var i = 0; i < toRefuse.Last; i++)
        {
            _refused.Add(Refuse(_lastYear, _thisYear, lastYears.Take()));
        }
        for (var i = 0; i < refusedInJanuary; i++)
        {
            Refuse(_thisYear, _untilCensus, late: _dice.Percent(15));
        }
        var withoutStart =
            _figures.DecidedWithoutStart
            - Math.Min(_figures.DecidedWithoutStart, _figures.MeasuredWithoutStart + _figures.NoPlanWithoutStart);
        for (var i = 0; i < withoutStart; i++)
        {
            _cases.Add(new SimulatedCase { Decided = Weekday(_thisYear), Assess = false });
        }
        Undecided();
        WithdrawnRequests();
    }

    /// <summary>Decisions over six weeks: more often on requests of the year before, which have waited longer.</summary>
    private void ShareOutLateDecisions(Decisions thisYears, Decisions lastYears)
    {
        var all = thisYears.Count + lastYears.Count;
        var late = _figures.OverSixWeeks;
        var ofLastYears = Math.Max(Part(late * 13 / 10, lastYears.Count, all), lastYears.Count - all * 12 / 100);
        ofLastYears = Math.Clamp(ofLastYears, Math.Max(0, late - thisYears.Count), Math.Min(late, lastYears.Count));
        lastYears.ShareOut(ofLastYears, _dice);
        thisYears.ShareOut(late - ofLastYears, _dice);
    }

    private void Plans(Decisions thisYears, Decisions lastYears)
    {
        // A plan of the year goes back to a request of this year or of the last, as its length makes likely; where the row has
        // too few decisions left for that, to one decided before the year began.
        (AuthorityFigures.Band Band, Days ToPlan, int PercentOfThisYear)[] bands =
        [
            (_figures.WithinTwentyWeeks, Within20Weeks, 75),
            (_figures.WithinYear, WithinYear, 55),
            (_figures.OverYear, OverYear, 0),
        ];
        var plans = new List<(Days ToPlan, int PercentOfThisYear, bool Excepted)>();
        foreach (var (band, toPlan, percent) in bands)
        {
            plans.AddRange(Enumerable.Repeat((toPlan, percent, false), band.WithoutExceptions));
            plans.AddRange(Enumerable.Repeat((toPlan, percent, true), band.All - band.WithoutExceptions));
        }
        _dice.Shuffle(plans);
        var mayBeThisYears = thisYears.ToAssess * 95 / 100;
        var mayBeLastYears = lastYears.ToAssess * 85 / 100;
        foreach (var (toPlan, percent, excepted) in plans)
        {
            if (mayBeThisYears > 0 && _dice.Percent(percent))
            {
                mayBeThisYears--;
                Plan(_thisYear, _thisYear, SixWeeks(thisYears.TakeToAssess()), toPlan, excepted);
            }
            else if (mayBeLastYears > 0)
            {
                mayBeLastYears--;
                Plan(_lastYear, _thisYear, SixWeeks(lastYears.TakeToAssess()), toPlan, excepted);
            }
            else
            {
                Plan(_earlier, _earlier, SixWeeks(_dice.Percent(15)), toPlan, excepted);
            }
        }
        for (var i = 0; i < _figures.MeasuredWithoutStart; i++)
        {
            var decidedThisYear = i < _figures.DecidedWithoutStart;
            var (_, decided, plan) = Place(
                _earlier with
                {
                    To = _thisYear.To,
                },
                decidedThisYear ? _thisYear : _lastYear,
                _thisYear,
                AnyDecision,
                WithinYear
            );
            _cases.Add(
                new SimulatedCase
                {
                    Decided = decided,
                    Assess = true,
                    Draft = DraftBefore(plan, decided),
                    Plan = plan,
                    Excepted = i >= _figures.MeasuredWithoutStartOrException,
                }
            );
        }
    }

    private void Plan(Span received, Span decided, Days toDecision, Days toPlan, bool excepted)
    {
        var (receivedOn, decidedOn, plan) = Place(received, decided, _thisYear, toDecision, toPlan);
        _cases.Add(
            new SimulatedCase
            {
                Received = receivedOn,
                Decided = decidedOn,
                Assess = true,
                Draft = DraftBefore(plan, decidedOn),
                Plan = plan,
                Excepted = excepted,
            }
        );
    }

    private void NoPlans(Decisions thisYears)
    {
        for (var i = 0; i < _figures.NoPlanInTime + _figures.NoPlanLate; i++)
        {
            var toNotice = i < _figures.NoPlanInTime ? Within16Weeks : Over16Weeks;
            var ofThisYear = _dice.Percent(60) && thisYears.ToAssess > 0;
            var (received, decided, notice) = ofThisYear
                ? Place(_thisYear, _thisYear, _thisYear, SixWeeks(thisYears.TakeToAssess()), toNotice)
                : Place(_earlier, _earlier, _thisYear, SixWeeks(_dice.Percent(15)), toNotice);
            _withoutPlan.Add(
                new SimulatedCase
                {
                    Received = received,
                    Decided = decided,
                    Assess = true,
                    NoPlan = notice,
                }
            );
        }
        for (var i = 0; i < _figures.NoPlanWithoutStart; i++)
        {
            var decidedThisYear = _figures.MeasuredWithoutStart + i < _figures.DecidedWithoutStart;
            var (_, decided, notice) = Place(
                _earlier with
                {
                    To = _thisYear.To,
                },
                decidedThisYear ? _thisYear : _lastYear,
                _thisYear,
                AnyDecision,
                Over16Weeks
            );
            _withoutPlan.Add(
                new SimulatedCase
                {
                    Decided = decided,
                    Assess = true,
                    NoPlan = notice,
                }
            );
        }
        _cases.AddRange(_withoutPlan);
    }

    private void Dropped(Decisions thisYears)
    {
        for (var i = 0; i < _figures.WithdrawnInAssessment; i++)
        {
            var ofThisYear = _dice.Percent(60) && thisYears.ToAssess > 0;
            var (received, decided, withdrawn) = ofThisYear
                ? Place(_thisYear, _thisYear, _thisYear, SixWeeks(thisYears.TakeToAssess()), ToWithdrawal)
                : Place(_lastYear, _lastYear, _thisYear, SixWeeks(_dice.Percent(15)), ToWithdrawal);
            _cases.Add(
                new SimulatedCase
                {
                    Received = received,
                    Decided = decided,
                    Assess = true,
                    Withdrawn = withdrawn,
                }
            );
        }
    }

    /// <summary>All advice is in before the year ends, and nothing has come of it by census day.</summary>
    private void NotMade(Decisions thisYears)
    {
        for (var i = 0; i < _figures.NotMade; i++)
        {
            var ofThisYear = _dice.Percent(70) && thisYears.ToAssess > 0;
            var (received, decided, complete) = ofThisYear
                ? Place(_thisYear, _thisYear, _thisYear, SixWeeks(thisYears.TakeToAssess()), ToAdvice)
                : Place(_lastYear, _lastYear, _thisYear, SixWeeks(_dice.Percent(15)), ToAdvice);
            var undecided = new SimulatedCase
            {
                Received = received,
                Decided = decided,
                Assess = true,
                AdviceBy = complete,
                // Whichever comes last, it comes this year: what came in before the year would not count.
                AdviceNotCompleteBefore = Math.Max(_thisYear.From, complete - 5),
            };
            if (_dice.Percent(70))
            {
                undecided.Draft = _dice.Between(_afterCensus.From, _afterCensus.To - 30);
                undecided.Plan = undecided.Draft + 16 + _dice.Below(14);
            }
            _cases.Add(undecided);
        }
    }

    /// <summary>An assessment that the year's end finds unfinished, waiting for advice unless its draft plan is out by census day.</summary>
    private void UnderWay(Span received, Span decided, bool late)
    {
        var (receivedOn, decidedOn, plan) = Place(received, decided, _anyTimeAfter, SixWeeks(late), ToPlanSomeTime);
        var underWay = new SimulatedCase
        {
            Received = receivedOn,
            Decided = decidedOn,
            Assess = true,
        };
        if (plan <= _afterCensus.To)
        {
            underWay.Draft = DraftBefore(plan, decidedOn);
            underWay.Plan = plan;
        }
        WaitForAdvice(underWay);
        _cases.Add(underWay);
    }

    private void WaitForAdvice(SimulatedCase underWay)
    {
        if (!(underWay.Draft <= _untilCensus.To))
        {
            underWay.AdviceNotCompleteBefore = _thisYear.To + 1;
        }
    }

    private SimulatedCase Refuse(Span received, Span decided, bool late)
    {
        var (receivedOn, decidedOn) = Place(received, decided, SixWeeks(late));
        var simulated = new SimulatedCase { Received = receivedOn, Decided = decidedOn };
        _cases.Add(simulated);
        return simulated;
    }

    /// <summary>Requests of the year with no decision by census day: most of them came late in the year.</summary>
    private void Undecided()
    {
        for (var i = 0; i < _figures.Undecided; i++)
        {
            var received = Weekday(
                _dice.Percent(60) ? _thisYear with { From = _thisYear.To - 45 } : _thisYear with { From = _thisYear.From + 60 }
            );
            if (!_dice.Percent(75))
            {
                _cases.Add(new SimulatedCase { Received = received });
                continue;
            }
            var decided = Weekday(
                new Span(_afterCensus.From, Math.Min(_afterCensus.To, Math.Max(received + 42, _afterCensus.From) + _dice.Tail(20)))
            );
            var assess = _dice.Percent(70);
            var simulated = new SimulatedCase
            {
                Received = received,
                Decided = decided,
                Assess = assess,
            };
            _cases.Add(simulated);
        }
    }

    private void WithdrawnRequests()
    {
        for (var i = 0; i < _figures.Withdrawn; i++)
        {
            var received = Weekday(_thisYear);
            var withdrawn = Weekday(new Span(received + 1, Math.Min(received + 4 + _dice.Tail(18), _untilCensus.To)));
            _cases.Add(new SimulatedCase { Received = received, Withdrawn = withdrawn });
        }
    }

    /// <summary>Requests for detained children: rather among those that no other figure follows to a plan.</summary>
    private void Detain()
    {
        var left = _figures.Detained;
        foreach (
            var simulated in _cases
                .Where(one => _thisYear.Holds(one.Received))
                .OrderBy(one => one.Plan is null && one.Orders.Count == 0 ? 0 : 1)
                .ThenBy(_ => _dice.Next())
                .Take(left)
        )
        {
            simulated.Detained = true;
        }
    }

    private int DraftBefore(int plan, int notBefore) => Math.Max(Math.Min(notBefore + 10, plan - 1), plan - 16 - _dice.Tail(8));

    /// <summary>As much of the number as the part is of the whole, rounded down.</summary>
    private static int Part(int number, int part, int whole) => whole == 0 ? 0 : (int)((long)number * part / whole);

    private static int NewYear(int year) => new DateOnly(year, 1, 1).DayNumber;

    /// <summary>Decisions still to be placed, on requests of one year: so many in all, so many to assess, so many late.</summary>
    private sealed class Decisions(Span received, int count)
    {
        private readonly Queue<bool> late = new();

        public Span Received => received;
        public int Count => count;
        public int ToAssess { get; set; }

        public void ShareOut(int lateOnes, Dice dice)
        {
            var all = Enumerable.Range(0, count).Select(i => i < lateOnes).ToList();
            dice.Shuffle(all);
            all.ForEach(late.Enqueue);
        }

        /// <summary>Whether the next decision is late.</summary>
        public bool Take() => late.Dequeue();

        public bool TakeToAssess()
        {
            ToAssess--;
            return Take();
        }
    }
}
