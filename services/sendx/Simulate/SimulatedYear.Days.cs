using SendExchange.Statute;

namespace SendExchange.Sendx;

/// <content>Days that fit, drawn as they usually fall.</content>
internal sealed partial class SimulatedYear
{
    // Days from receipt.
    private Days SixWeeks(bool late) =>
        late
            ? new Days(Sen2.SixWeeks + 1, 300, () => Sen2.SixWeeks + 1 + _dice.Tail(14))
            : new Days(1, Sen2.SixWeeks, () => Sen2.SixWeeks - _dice.Tail(5));

    private Days AnyDecision => new(1, 300, () => Sen2.SixWeeks - _dice.Tail(5));
    private Days Within20Weeks => new(30, Sen2.TwentyWeeks, () => Sen2.TwentyWeeks - _dice.Tail(9));
    private Days WithinYear =>
        new(Sen2.TwentyWeeks + 1, Sen2.OneYear, () => Sen2.TwentyWeeks + 1 + _dice.Tail(_dice.Percent(60) ? 30 : 90));
    private Days OverYear => new(Sen2.OneYear + 1, 730, () => Sen2.OneYear + 1 + _dice.Tail(80));
    private Days Within16Weeks => new(30, Sen2.SixteenWeeks, () => Sen2.SixteenWeeks - _dice.Tail(8));
    private Days Over16Weeks => new(Sen2.SixteenWeeks + 1, 600, () => Sen2.SixteenWeeks + 1 + _dice.Tail(40));
    private Days ToWithdrawal => new(10, 500, () => 60 + _dice.Tail(50));
    private Days ToAdvice => new(40, 500, () => 90 + _dice.Tail(40));

    private Days ToPlanSomeTime =>
        new(
            60,
            1_400,
            () =>
                _figures.Measured > 0 && _dice.Below(_figures.Measured) < _figures.WithinTwentyWeeks.All
                    ? Within20Weeks.Usual()
                    : Sen2.TwentyWeeks + 1 + _dice.Tail(_dice.Percent(60) ? 40 : 120)
        );

    /// <summary>Three days in their spans and at their distances from the first, drawn as they usually fall.</summary>
    /// <exception cref="InvalidDataException">There are no such days.</exception>
    private (int Received, int Decided, int Ended) Place(Span received, Span decided, Span ended, Days toDecision, Days toEnd)
    {
        const int UsualGap = 35; // Between decision and end: time for advice and a draft.
        for (var attempt = 0; attempt < 60; attempt++)
        {
            var decision = toDecision.Draw();
            var end = Math.Max(toEnd.Draw(), decision + UsualGap);
            var window = received.And(decided.Back(decision)).And(ended.Back(end));
            if (end > toEnd.Most || window.IsEmpty)
            {
                continue;
            }
            var day = Weekday(window);
            var decidedOn = Weekday(day + decision, decided.And(toDecision.After(day)));
            return (day, decidedOn, Weekday(day + end, ended.And(toEnd.After(day)).And(new Span(decidedOn + 20, int.MaxValue))));
        }
        // What is usual does not fit this row: take what does.
        var first = _dice.Between(received.From, received.To);
        for (var i = 0; i < received.Length; i++)
        {
            var day = received.From + (first - received.From + i) % received.Length;
            var decisions = decided.And(toDecision.After(day));
            var ends = ended.And(toEnd.After(day)).And(new Span(decisions.From + 25, int.MaxValue));
            if (!decisions.IsEmpty && !ends.IsEmpty)
            {
                var endedOn = _dice.Between(ends.From, ends.To);
                return (day, _dice.Between(decisions.From, Math.Min(decisions.To, endedOn - 25)), endedOn);
            }
        }
        throw new InvalidDataException($"the _figures of {_figures.Authority} in {_figures.Year} leave no days for a case");
    }

    private (int Received, int Decided) Place(Span received, Span decided, Days toDecision)
    {
        for (var attempt = 0; attempt < 60; attempt++)
        {
            var decision = toDecision.Draw();
            var window = received.And(decided.Back(decision));
            if (!window.IsEmpty)
            {
                var day = Weekday(window);
                return (day, Weekday(day + decision, decided.And(toDecision.After(day))));
            }
        }
        throw new InvalidDataException($"the _figures of {_figures.Authority} in {_figures.Year} leave no days for a decision");
    }

    /// <summary>A day of the span: mostly a working day, less often in August and around Christmas.</summary>
    private int Weekday(Span span)
    {
        var day = _dice.Between(span.From, span.To);
        if (DateOnly.FromDayNumber(day) is { Month: 8 } or { Month: 12, Day: > 20 } && _dice.Percent(50))
        {
            day = _dice.Between(span.From, span.To);
        }
        return Weekday(day, span);
    }

    /// <summary>The day, or the nearest weekday where that is still in the span.</summary>
    private static int Weekday(int day, Span span)
    {
        day = Math.Clamp(day, span.From, span.To);
        var nearest = DateOnly.FromDayNumber(day).DayOfWeek switch
        {
            DayOfWeek.Saturday => day - 1,
            DayOfWeek.Sunday => day + 1,
            _ => day,
        };
        return span.Holds(nearest) ? nearest : day;
    }

    /// <summary>Days, both ends included.</summary>
    private readonly record struct Span(int From, int To)
    {
        public bool IsEmpty => From > To;
        public int Length => To - From + 1;

        public bool Holds(int? day) => day >= From && day <= To;

        public Span And(Span other) => new(Math.Max(From, other.From), Math.Min(To, other.To));

        /// <summary>The days from which that many days later lies in the span.</summary>
        public Span Back(int days) => new(From - days, To - days);
    }

    /// <summary>A number of days: at least, at most, and as it usually falls.</summary>
    private sealed record Days(int Least, int Most, Func<int> Usual)
    {
        public int Draw() => Math.Clamp(Usual(), Least, Most);

        public Span After(int day) => new(day + Least, day + Most);
    }
}
