namespace SendExchange.Statute;

/// <summary>Which of the facts known count.</summary>
/// <remarks>
/// A fact stands unless a fact of the same sender retracts it or takes its place.
/// <list type="bullet">
/// <item>A retraction counts while it stands itself, so retracting it revives what it withdrew.</item>
/// <item>A correction takes the place of what it corrects, and with it the place that one had taken: of a chain of
/// corrections the last stands. Retracting a correction gives the place back to what it corrected.</item>
/// <item>Replacements that form a circle cancel each other: none of them takes effect.</item>
/// </list>
/// What was said, not when it arrived, decides; dates play no part.
/// <para>
/// The place of a fact is the first of its chain of corrections, known or not: it stays the same when a fact is corrected
/// again. Of several corrections of one fact, the first by id keeps its place and each other begins a place of its own.
/// </para>
/// </remarks>
internal sealed class StandingFacts
{
    private readonly List<Fact> known = [];
    private readonly Dictionary<FactKey, int> indexOf = new(FactKey.Comparer);
    private readonly string authority;
    private readonly string caseId;
    private readonly FindingList findings;
    private Places? places; // Null where no fact replaces another.

    private StandingFacts(string authority, string caseId, FindingList findings)
    {
        this.authority = authority;
        this.caseId = caseId;
        this.findings = findings;
    }

    /// <summary>The standing facts of one case by day, then sender, then id: an order that does not depend on arrival.</summary>
    public List<Fact> ByDay { get; private set; } = [];

    public static StandingFacts Of(IEnumerable<Fact> facts, string authority, string caseId, FindingList findings)
    {
        var standing = new StandingFacts(authority, caseId, findings);
        standing.ByDay = standing.Read(facts);
        return standing;
    }

    /// <summary>Names the place of a standing fact: no other standing fact of the case has the same.</summary>
    /// <remarks>An authority's own id alone, unless it has a slash; otherwise the sender and a slash before it.</remarks>
    public string PlaceOf(Fact fact)
    {
        var id = places is null ? fact.FactId : FirstOfChain(fact, places);
        return fact.Organisation == authority && !id.Contains('/') ? id : $"{fact.Organisation}/{id}";
    }

    private string FirstOfChain(Fact fact, Places of)
    {
        var index = IndexOf(fact.Organisation, fact.FactId);
        while (of.Replaces.Corrects[index] is >= 0 and var corrected && of.Heir(corrected, known) == index)
        {
            index = corrected;
        }
        var first = known[index];
        if (first.Corrects is null || of.Replaces.Corrects[index] != Replacements.None)
        {
            return first.FactId;
        }
        // What it corrects has not arrived; when it does, the place is the same.
        var rival = known.Exists(f =>
            f.Corrects == first.Corrects
            && f.Organisation == first.Organisation
            && string.CompareOrdinal(f.FactId, first.FactId) < 0
            && of.HoldsPlace(IndexOf(f.Organisation, f.FactId))
        );
        return rival ? first.FactId : first.Corrects;
    }

    private List<Fact> Read(IEnumerable<Fact> facts)
    {
        var anyReplaces = false;
        foreach (var fact in facts)
        {
            Add(fact);
            anyReplaces |= fact.Corrects is not null || fact.Body is FactBody.Retracted;
        }
        var struck = anyReplaces ? Strike() : null;
        var standing = new List<Fact>(known.Count);
        for (var i = 0; i < known.Count; i++)
        {
            if (IsOfThisCase(known[i]) && struck?[i] is not true)
            {
                standing.Add(known[i]);
            }
        }
        standing.Sort(CompareByDay);
        return standing;
    }

    private bool IsOfThisCase(Fact fact) => fact.CaseId == caseId && fact.Authority == authority;

    private void Add(Fact fact)
    {
        var key = new FactKey(fact.Organisation, fact.FactId);
        if (indexOf.TryAdd(key, known.Count))
        {
            known.Add(fact);
            return;
        }
        var index = indexOf[key];
        if (known[index] == fact)
        {
            return;
        }
        // Intake refuses this. Should it happen all the same, which one counts must not depend on which came first.
        findings.Add(
            FindingCode.ConflictingDuplicate,
            $"{fact.Organisation} used one id for different facts; the first by day counts",
            fact
        );
        known[index] = string.CompareOrdinal(ContentOf(fact), ContentOf(known[index])) < 0 ? fact : known[index];
    }

    private static string ContentOf(Fact fact) => $"{fact.On:yyyy-MM-dd} {fact.Authority} {fact.CaseId} {fact.Corrects} {fact.Body}";

    private static int CompareByDay(Fact a, Fact b)
    {
        var order = a.On.DayNumber - b.On.DayNumber;
        order = order != 0 ? order : string.CompareOrdinal(a.Organisation, b.Organisation);
        return order != 0 ? order : string.CompareOrdinal(a.FactId, b.FactId);
    }

    // True for each known fact that a standing fact replaces. A fact is decided once all that replace it are; the facts then
    // still undecided sit on, or behind, a circle.
    private bool[] Strike()
    {
        var replaces = new Replacements(known.Count);
        for (var i = 0; i < known.Count; i++)
        {
            replaces.Corrects[i] = IndexOf(known[i].Organisation, known[i].Corrects);
            replaces.Retracts[i] = IndexOf(known[i].Organisation, (known[i].Body as FactBody.Retracted)?.FactId);
        }
        var waitsFor = new int[known.Count];
        foreach (var targets in (int[][])[replaces.Corrects, replaces.Retracts])
        {
            foreach (var target in targets)
            {
                if (target >= 0)
                {
                    waitsFor[target]++;
                }
            }
        }
        var struck = new bool[known.Count];
        var succeeded = new bool[known.Count]; // Its place is taken by a correction that counts.
        var decided = new Queue<int>();
        for (var i = 0; i < known.Count; i++)
        {
            if (waitsFor[i] == 0)
            {
                decided.Enqueue(i);
            }
        }
        Settle();
        if (Array.Exists(waitsFor, count => count > 0))
        {
            BreakCircles(replaces, waitsFor, decided);
            Settle();
        }
        ReportReplacements(replaces, struck, succeeded);
        places = new Places(replaces, struck, succeeded);
        return struck;

        void Settle()
        {
            while (decided.TryDequeue(out var replacer))
            {
                var stands = !struck[replacer];
                var holdsItsPlace = stands || succeeded[replacer];
                if (replaces.Corrects[replacer] is >= 0 and var corrected)
                {
                    struck[corrected] |= holdsItsPlace;
                    succeeded[corrected] |= holdsItsPlace;
                    Decide(corrected);
                }
                if (replaces.Retracts[replacer] is >= 0 and var retracted)
                {
                    struck[retracted] |= stands;
                    Decide(retracted);
                }
            }
        }

        void Decide(int target)
        {
            if (--waitsFor[target] == 0)
            {
                decided.Enqueue(target);
            }
        }
    }

    private int IndexOf(string organisation, string? factId) =>
        factId is not null && indexOf.TryGetValue(new FactKey(organisation, factId), out var index) ? index : -1;

    // Takes out every replacement within a circle, which leaves none, and queues what has nothing left to wait for.
    private void BreakCircles(Replacements replaces, int[] waitsFor, Queue<int> decided)
    {
        var circleOf = replaces.Circles(waitsFor);
        var members = new Dictionary<int, List<Fact>>();
        for (var i = 0; i < known.Count; i++)
        {
            if (circleOf[i] < 0)
            {
                continue;
            }
            if (!members.TryGetValue(circleOf[i], out var circle))
            {
                members.Add(circleOf[i], circle = []);
            }
            circle.Add(known[i]);
            TakeOut(i, replaces.Corrects);
            TakeOut(i, replaces.Retracts);
        }
        foreach (var circle in members.Values)
        {
            if (circle.Exists(IsOfThisCase))
            {
                findings.Add(
                    FindingCode.ReplacementCycle,
                    "these facts correct or retract each other in a circle; all of them count",
                    circle
                );
            }
        }

        void TakeOut(int replacer, int[] targets)
        {
            var target = targets[replacer];
            if (target < 0 || circleOf[target] != circleOf[replacer])
            {
                return;
            }
            targets[replacer] = Replacements.InCircle;
            if (--waitsFor[target] == 0)
            {
                decided.Enqueue(target);
            }
        }
    }

    private void ReportReplacements(Replacements replaces, bool[] struck, bool[] succeeded)
    {
        var corrections = new Dictionary<int, List<Fact>>();
        for (var i = 0; i < known.Count; i++)
        {
            var fact = known[i];
            if (replaces.Corrects[i] >= 0 && (!struck[i] || succeeded[i]))
            {
                if (!corrections.TryGetValue(replaces.Corrects[i], out var of))
                {
                    corrections.Add(replaces.Corrects[i], of = []);
                }
                of.Add(fact);
            }
            if (struck[i] || !IsOfThisCase(fact))
            {
                continue;
            }
            if (fact.Corrects is { } corrected && replaces.Corrects[i] == Replacements.None)
            {
                findings.Add(FindingCode.ReplacesUnknownFact, $"corrects {corrected}, which is not known in this case", fact);
            }
            if (fact.Body is FactBody.Retracted { FactId: var retracted } && replaces.Retracts[i] == Replacements.None)
            {
                findings.Add(FindingCode.ReplacesUnknownFact, $"retracts {retracted}, which is not known in this case", fact);
            }
        }
        foreach (var (target, of) in corrections)
        {
            if (of.Count > 1 && (IsOfThisCase(known[target]) || of.Exists(IsOfThisCase)))
            {
                findings.Add(
                    FindingCode.DoubleCorrection,
                    $"each of these corrects {known[target].FactId}; none takes the place of another",
                    of
                );
            }
        }
    }

    // Who took whose place.
    private sealed class Places(Replacements replaces, bool[] struck, bool[] succeeded)
    {
        private int[]? heirs;

        public Replacements Replaces => replaces;

        public bool HoldsPlace(int fact) => !struck[fact] || succeeded[fact];

        /// <summary>Of the corrections of a fact that count, the first by id. -1 where there is none.</summary>
        public int Heir(int corrected, List<Fact> known)
        {
            if (heirs is null)
            {
                heirs = new int[known.Count];
                Array.Fill(heirs, -1);
                for (var i = 0; i < known.Count; i++)
                {
                    if (replaces.Corrects[i] is >= 0 and var of && HoldsPlace(i) && IsBefore(i, heirs[of]))
                    {
                        heirs[of] = i;
                    }
                }
            }
            return heirs[corrected];

            bool IsBefore(int fact, int heir) => heir < 0 || string.CompareOrdinal(known[fact].FactId, known[heir].FactId) < 0;
        }
    }

    // What each fact replaces, by index: a fact may correct an earlier retraction and retract something else.
    private sealed class Replacements(int count)
    {
        public const int None = -1;
        public const int InCircle = -2;

        public int[] Corrects { get; } = new int[count];

        public int[] Retracts { get; } = new int[count];

        /// <summary>For each fact the circle it is part of, or -1.</summary>
        /// <remarks>
        /// Tarjan's strongly connected components, on a stack of its own: a chain of corrections may be longer than the
        /// thread's stack is deep.
        /// </remarks>
        public int[] Circles(int[] waitsFor)
        {
            var circleOf = new int[count];
            var order = new int[count]; // 0: not visited.
            var lowest = new int[count];
            var nextEdge = new byte[count];
            var onPath = new bool[count];
            var path = new Stack<int>();
            var calls = new Stack<int>();
            var visited = 0;
            Array.Fill(circleOf, None);
            for (var root = 0; root < count; root++)
            {
                if (waitsFor[root] > 0 && order[root] == 0)
                {
                    Enter(root);
                }
                while (calls.TryPeek(out var fact))
                {
                    if (nextEdge[fact] < 2)
                    {
                        var target = nextEdge[fact]++ == 0 ? Corrects[fact] : Retracts[fact];
                        if (target >= 0 && order[target] == 0)
                        {
                            Enter(target);
                        }
                        else if (target >= 0 && onPath[target])
                        {
                            lowest[fact] = Math.Min(lowest[fact], order[target]);
                        }
                        continue;
                    }
                    calls.Pop();
                    if (calls.TryPeek(out var caller))
                    {
                        lowest[caller] = Math.Min(lowest[caller], lowest[fact]);
                    }
                    if (lowest[fact] == order[fact])
                    {
                        Leave(fact);
                    }
                }
            }
            return circleOf;

            void Enter(int fact)
            {
                order[fact] = lowest[fact] = ++visited;
                onPath[fact] = true;
                path.Push(fact);
                calls.Push(fact);
            }

            void Leave(int first)
            {
                var alone = path.Peek() == first && Corrects[first] != first && Retracts[first] != first;
                int member;
                do
                {
                    member = path.Pop();
                    onPath[member] = false;
                    circleOf[member] = alone ? None : first;
                } while (member != first);
            }
        }
    }

    private readonly record struct FactKey(string Organisation, string FactId)
    {
        public static IEqualityComparer<FactKey> Comparer { get; } = new ById();

        // Hashes the id alone: almost all facts of a case have one sender.
        private sealed class ById : IEqualityComparer<FactKey>
        {
            public bool Equals(FactKey x, FactKey y) => x.FactId == y.FactId && x.Organisation == y.Organisation;

            public int GetHashCode(FactKey key) => StringComparer.Ordinal.GetHashCode(key.FactId);
        }
    }
}
