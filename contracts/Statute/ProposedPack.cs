using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SendExchange.Statute;

/// <summary>Something wrong with the document of a proposed pack.</summary>
/// <param name="Where">The field, e.g. <c>amend[0].from</c>; empty for the document as a whole.</param>
/// <param name="Problem">What was seen and what is expected.</param>
public sealed record PackFault(string Where, string Problem);

/// <summary>A proposed version of the law: limits that become others, and exceptions that come or go, each from a day on.</summary>
/// <remarks>
/// <code>
/// {"id":"2027-reform","title":"Eighteen weeks","citation":"Bill, clause 3","url":"https://…",
///  "amend":[{"obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)","weeks":18,"from":"2027-09-01","to":null}],
///  "exceptions":[{"change":"remove","obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)",
///                 "ground":"SCHOOL_CLOSURE","from":"2027-09-01"}]}
/// </code>
/// The days are those of a limit's D0: what began to run before stays as it was. The length is one of <c>weeks</c>,
/// <c>days</c>, <c>daysBeginningWith</c>, <c>monthsBeginningWith</c>, <c>workingDaysBeginningWith</c>; of a limit that is
/// counted back from a day, <c>monthsBefore</c> or <c>beforeDayOfYear</c> ("02-15").
/// </remarks>
public sealed class ProposedPack
{
    /// <summary>Characters of a whole document.</summary>
    public const int LongestDocument = 64 * 1024;

    private const int LongestId = 64;
    private const int LongestText = 300;
    private const int MostChanges = 200;
    private const int LongestLimit = 2_000; // Units. A longer limit is a slip of the pen.
    private const int LastYear = 2100;
    private const string Day = "yyyy-MM-dd";
    private static readonly JsonDocumentOptions _strict = new() { MaxDepth = 8 };
    private static readonly JsonWriterOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Name, LimitUnit Unit)[] _lengths =
    [
        ("weeks", LimitUnit.Weeks),
        ("days", LimitUnit.Days),
        ("daysBeginningWith", LimitUnit.DaysBeginningWith),
        ("monthsBeginningWith", LimitUnit.MonthsBeginningWith),
        ("workingDaysBeginningWith", LimitUnit.WorkingDaysBeginningWith),
        ("monthsBefore", LimitUnit.MonthsBefore),
        ("beforeDayOfYear", LimitUnit.BeforeDayOfYear),
    ];

    private readonly List<Amendment> _amendments = [];
    private readonly List<ExceptionChange> _exceptions = [];

    private ProposedPack(string id, string title, string citation, string url) => (Id, Title, Citation, Url) = (id, title, citation, url);

    /// <summary>Kept with every obligation whose limit it sets.</summary>
    public string Id { get; }

    public string Title { get; }

    public string Citation { get; }

    /// <summary>Where to read it; empty where that was not said.</summary>
    public string Url { get; }

    /// <summary>The document in one way of writing it: two that say the same have the same.</summary>
    public string Document => Written();

    /// <summary>The id that a document gives itself, whatever else is wrong with it. Null: none.</summary>
    public static string? IdOf(string document)
    {
        try
        {
            using var json = JsonDocument.Parse(document, _strict);
            return
                json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("id", out var id)
                && id.ValueKind == JsonValueKind.String
                ? id.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads a document as a change to <paramref name="law"/>. Pure.</summary>
    /// <param name="faults">All that is wrong with it, in its own order.</param>
    /// <returns>Null where something is wrong.</returns>
    public static ProposedPack? Read(string document, Law law, out IReadOnlyList<PackFault> faults)
    {
        if (document.Length > LongestDocument)
        {
            faults = [new("", $"is {document.Length:N0} characters long; at most {LongestDocument:N0} are read")];
            return null;
        }
        try
        {
            using var json = JsonDocument.Parse(document, _strict);
            var reading = new Reading(law);
            var pack = reading.Pack(json.RootElement);
            faults = reading.Faults;
            return faults.Count == 0 ? pack : null;
        }
        catch (JsonException problem)
        {
            faults = [new("", $"is not JSON at line {problem.LineNumber + 1}, byte {problem.BytePositionInLine}; an object is expected")];
            return null;
        }
    }

    /// <summary>The law with this pack.</summary>
    internal Law ChangeTo(Law law)
    {
        foreach (var (amended, limit, from, to) in _amendments)
        {
            law = law.With(
                new Provision(amended.Obligation, amended.Duty, limit, Citation, UrlFor(amended), PackOf(from, to))
                {
                    Amends = amended,
                    // How the old text was read need not be how the new one is, but a limit is joined to others as before.
                    Reading = amended.Reading,
                    Guidance = amended.Guidance,
                }
            );
        }
        foreach (var change in _exceptions)
        {
            if (change.Adds)
            {
                var pack = PackOf(change.From, change.To);
                law = law.With(new ExceptionRule(change.Provision, change.Ground, change.Paragraph, change.AtLeastDays, pack));
                continue;
            }
            foreach (var rule in RulesFrom(law, change.Provision, change.Ground, change.From).ToList())
            {
                var until = change.From.AddDays(-1);
                law = law.Without(rule);
                law = rule.Pack.From <= until ? law.With(rule with { Pack = rule.Pack with { To = until } }) : law;
            }
        }
        return law;
    }

    private RulePack PackOf(DateOnly from, DateOnly? to) => new(Id, Title, Citation, Url, Transition.LimitStarts, from, to);

    private string UrlFor(Provision amended) => Url.Length > 0 ? Url : amended.Url;

    /// <summary>The exceptions that let a ground reach limits that run from that day or later.</summary>
    private static IEnumerable<ExceptionRule> RulesFrom(Law law, Provision provision, ExceptionGround ground, DateOnly from) =>
        law.Exceptions.Where(r => ReferenceEquals(r.Provision, provision) && r.Ground == ground && !(r.Pack.To < from));

    private string Written()
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, _plain))
        {
            json.WriteStartObject();
            json.WriteString("id", Id);
            json.WriteString("title", Title);
            json.WriteString("citation", Citation);
            json.WriteString("url", Url);
            json.WriteStartArray("amend");
            foreach (var (amended, limit, from, to) in _amendments)
            {
                json.WriteStartObject();
                json.WriteString("obligation", amended.Obligation);
                json.WriteString("amends", amended.Citation);
                var (name, unit) = _lengths.Single(l => l.Unit == limit.Unit);
                if (unit == LimitUnit.BeforeDayOfYear)
                {
                    json.WriteString(name, $"{limit.Length / 100:00}-{limit.Length % 100:00}");
                }
                else
                {
                    json.WriteNumber(name, limit.Length);
                }
                WriteDays(from, to);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("exceptions");
            foreach (var change in _exceptions)
            {
                json.WriteStartObject();
                json.WriteString("change", change.Adds ? "add" : "remove");
                json.WriteString("obligation", change.Provision.Obligation);
                json.WriteString("amends", change.Provision.Citation);
                json.WriteString("ground", change.Ground.ToWire());
                if (change.Adds)
                {
                    json.WriteString("paragraph", change.Paragraph);
                    json.WriteNumber("atLeastDays", change.AtLeastDays);
                }
                WriteDays(change.From, change.To);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();

            void WriteDays(DateOnly from, DateOnly? to)
            {
                json.WriteString("from", from.ToString(Day, CultureInfo.InvariantCulture));
                if (to is { } last)
                {
                    json.WriteString("to", last.ToString(Day, CultureInfo.InvariantCulture));
                }
            }
        }
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private readonly record struct Amendment(Provision Amended, TimeLimit Limit, DateOnly From, DateOnly? To);

    private readonly record struct ExceptionChange(
        bool Adds,
        Provision Provision,
        ExceptionGround Ground,
        string Paragraph,
        int AtLeastDays,
        DateOnly From,
        DateOnly? To
    );

    /// <summary>Reads one document and gathers what is wrong with it.</summary>
    private sealed class Reading(Law law)
    {
        private readonly List<PackFault> _faults = [];

        public IReadOnlyList<PackFault> Faults => _faults;

        public ProposedPack? Pack(JsonElement json)
        {
            if (!IsObject(json, "", ["id", "title", "citation", "url", "amend", "exceptions"]))
            {
                return null;
            }
            var pack = new ProposedPack(
                Id(json),
                Text(json, "", "title"),
                Text(json, "", "citation"),
                Text(json, "", "url", optional: true)
            );
            if (pack.Url.Length > 0 && !(Uri.TryCreate(pack.Url, UriKind.Absolute, out var url) && url.Scheme is "https" or "http"))
            {
                Fault("url", $"is {Shown(pack.Url)}; an address such as https://www.legislation.gov.uk/… is expected");
            }
            foreach (var (amendment, where) in Items(json, "amend"))
            {
                Amend(pack, amendment, where);
            }
            foreach (var (change, where) in Items(json, "exceptions"))
            {
                Exception(pack, change, where);
            }
            if (_faults.Count == 0 && pack._amendments.Count + pack._exceptions.Count == 0)
            {
                Fault("", "changes nothing; something in amend or exceptions is expected");
            }
            return pack;
        }

        private string Id(JsonElement json)
        {
            var id = Text(json, "", "id");
            if (id.Length > LongestId || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'))
            {
                Fault("id", $"is {Shown(id)}; up to {LongestId} letters, digits, '-', '.' and '_' are expected, e.g. 2027-reform");
            }
            else if (RulePacks.All.Any(p => p.Id == id))
            {
                Fault("id", $"is {Shown(id)}, which is a version of the law already; one of its own is expected");
            }
            else if (law.Applied.Any(p => p.Id == id))
            {
                Fault("id", $"is {Shown(id)}, which has been applied; a further change needs an id of its own");
            }
            return id;
        }

        private void Amend(ProposedPack pack, JsonElement json, string where)
        {
            if (!IsObject(json, where, ["obligation", "amends", .. _lengths.Select(l => l.Name), "from", "to"]))
            {
                return;
            }
            var amended = Amended(json, where);
            var limit = Limit(json, where, amended);
            if (amended is not null && Days(json, where, amended) is { } days)
            {
                var clash = pack._amendments.FindIndex(a =>
                    ReferenceEquals(a.Amended, amended) && !(a.To < days.From) && !(days.To < a.From)
                );
                if (clash >= 0)
                {
                    Fault(where, $"amends what amend[{clash}] amends, for some of the same days; one limit a day is expected");
                }
                pack._amendments.Add(new Amendment(amended, limit, days.From, days.To));
            }
        }

        private TimeLimit Limit(JsonElement json, string where, Provision? amended)
        {
            var given = _lengths.Where(l => json.TryGetProperty(l.Name, out _)).ToList();
            if (given.Count != 1)
            {
                Fault(
                    where,
                    $"gives {(given.Count == 0 ? "no length" : string.Join(" and ", given.Select(l => l.Name)))}; "
                        + $"one of {string.Join(", ", _lengths.Select(l => l.Name))} is expected"
                );
                return default;
            }
            var (name, unit) = given[0];
            if (amended is not null && IsBackward(unit) != IsBackward(amended.Limit.Unit))
            {
                Fault(
                    $"{where}.{name}",
                    IsBackward(unit)
                        ? $"is counted back from a day; {amended.Citation} is counted onwards"
                        : $"is counted onwards; {amended.Citation} is counted back from a day"
                );
            }
            var value = json.GetProperty(name);
            if (unit == LimitUnit.BeforeDayOfYear)
            {
                if (
                    value.ValueKind == JsonValueKind.String
                    && DateOnly.TryParseExact(
                        "2023-" + value.GetString(), // No leap year: the day must be one of every year.
                        Day,
                        CultureInfo.InvariantCulture,
                        DateTimeStyles.None,
                        out var day
                    )
                )
                {
                    return new TimeLimit(100 * day.Month + day.Day, unit);
                }
                Fault($"{where}.{name}", $"is {Shown(value)}; a day of every year is expected, e.g. \"02-15\"");
                return default;
            }
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var length) && length is >= 1 and <= LongestLimit)
            {
                return new TimeLimit(length, unit);
            }
            Fault($"{where}.{name}", $"is {Shown(value)}; a whole number from 1 to {LongestLimit} is expected");
            return default;
        }

        private void Exception(ProposedPack pack, JsonElement json, string where)
        {
            if (!IsObject(json, where, ["change", "obligation", "amends", "ground", "paragraph", "atLeastDays", "from", "to"]))
            {
                return;
            }
            var change = Text(json, where, "change");
            if (change is not ("add" or "remove" or ""))
            {
                Fault($"{where}.change", $"is {Shown(change)}; add or remove is expected");
            }
            var adds = change == "add";
            var provision = Amended(json, where);
            var paragraph = Text(json, where, "paragraph", optional: !adds);
            var atLeastDays = AtLeastDays(json, where);
            if (!adds)
            {
                foreach (var name in new[] { "paragraph", "atLeastDays", "to" }.Where(n => json.TryGetProperty(n, out _)))
                {
                    Fault($"{where}.{name}", "is given; an exception that is removed has none");
                }
            }
            if (provision is null || Ground(json, where) is not { } ground || Days(json, where, provision) is not { } days)
            {
                return;
            }
            var there = RulesFrom(law, provision, ground, days.From)
                .Where(r => !(r.Pack.From > days.To))
                .Select(r => r.Paragraph)
                .FirstOrDefault();
            if (adds && there is not null)
            {
                Fault(where, $"adds {ground.ToWire()}, which reaches {provision.Citation} in those days by {there}; remove that first");
            }
            if (change == "remove" && there is null)
            {
                Fault(where, $"removes {ground.ToWire()}, which does not reach {provision.Citation} from {days.From:yyyy-MM-dd} on");
            }
            if (pack._exceptions.Exists(e => ReferenceEquals(e.Provision, provision) && e.Ground == ground))
            {
                Fault(where, $"changes {ground.ToWire()} of {provision.Citation} a second time; one change of each is expected");
            }
            pack._exceptions.Add(new ExceptionChange(adds, provision, ground, paragraph, atLeastDays, days.From, days.To));
        }

        private int AtLeastDays(JsonElement json, string where)
        {
            if (!json.TryGetProperty("atLeastDays", out var value))
            {
                return 0;
            }
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var days) && days is >= 0 and <= LongestLimit)
            {
                return days;
            }
            Fault($"{where}.atLeastDays", $"is {Shown(value)}; a whole number from 0 to {LongestLimit} is expected");
            return 0;
        }

        private ExceptionGround? Ground(JsonElement json, string where)
        {
            // That ground was of its own law, and ended with it.
            var grounds = Enum.GetValues<ExceptionGround>().Where(g => g != ExceptionGround.Coronavirus).ToList();
            var name = Text(json, where, "ground");
            foreach (var ground in grounds)
            {
                if (ground.ToWire() == name)
                {
                    return ground;
                }
            }
            if (name.Length > 0)
            {
                Fault($"{where}.ground", $"is {Shown(name)}; one of {string.Join(", ", grounds.Select(g => g.ToWire()))} is expected");
            }
            return null;
        }

        /// <summary>The provision meant by <c>obligation</c> and <c>amends</c>: one of the law as it is without packs.</summary>
        private Provision? Amended(JsonElement json, string where)
        {
            var code = Text(json, where, "obligation");
            var citation = Text(json, where, "amends");
            if (code.Length == 0 || citation.Length == 0)
            {
                return null;
            }
            var known = Statute.Provisions.All.Where(p => p.Amends is null && p.Obligation == code).ToList();
            if (known.Count == 0)
            {
                Fault($"{where}.obligation", $"is {Shown(code)}; a code of an obligation is expected, e.g. finalise_plan");
            }
            else if (code == ObligationCode.AllowRepresentations)
            {
                Fault($"{where}.obligation", $"is {code}, a time that is left to the family and no limit; it cannot be amended by a pack");
            }
            else if (known.Find(p => p.Citation == citation) is { } amended)
            {
                return amended;
            }
            else
            {
                Fault(
                    $"{where}.amends",
                    $"is {Shown(citation)}; of {code} one of '{string.Join("', '", known.Select(p => p.Citation))}' is expected"
                );
            }
            return null;
        }

        private (DateOnly From, DateOnly? To)? Days(JsonElement json, string where, Provision amended)
        {
            var from = Date(json, where, "from", optional: false);
            var to = Date(json, where, "to", optional: true);
            if (from < amended.InForceFrom)
            {
                Fault($"{where}.from", $"is {from:yyyy-MM-dd}; {amended.Citation} applies from {amended.InForceFrom:yyyy-MM-dd}");
            }
            if (to < from)
            {
                Fault($"{where}.to", $"is {to:yyyy-MM-dd}; a day from {from:yyyy-MM-dd} on is expected");
            }
            return from is { } first ? (first, to) : null;
        }

        private DateOnly? Date(JsonElement json, string where, string name, bool optional)
        {
            var given = json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;
            if (!given && optional)
            {
                return null;
            }
            if (
                given
                && value.ValueKind == JsonValueKind.String
                && DateOnly.TryParseExact(value.GetString(), Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                && day.Year <= LastYear
            )
            {
                return day;
            }
            Fault(
                $"{where}.{name}",
                $"{(given ? $"is {Shown(value)}" : "is missing")}; a day up to {LastYear} is expected, e.g. 2027-09-01"
            );
            return null;
        }

        private IEnumerable<(JsonElement Item, string Where)> Items(JsonElement json, string name)
        {
            if (!json.TryGetProperty(name, out var list))
            {
                yield break;
            }
            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MostChanges)
            {
                Fault(name, $"is {Shown(list)}; a list of up to {MostChanges} changes is expected");
                yield break;
            }
            var index = 0;
            foreach (var item in list.EnumerateArray())
            {
                yield return (item, $"{name}[{index++}]");
            }
        }

        private string Text(JsonElement json, string where, string name, bool optional = false)
        {
            var field = where.Length > 0 ? $"{where}.{name}" : name;
            if (!json.TryGetProperty(name, out var value))
            {
                if (!optional)
                {
                    Fault(field, "is missing; a text is expected");
                }
                return "";
            }
            if (value.ValueKind != JsonValueKind.String || value.GetString() is not { } text)
            {
                Fault(field, $"is {Shown(value)}; a text is expected");
                return "";
            }
            if ((text.Length == 0 && !optional) || text.Length > LongestText || text.Any(char.IsControl))
            {
                Fault(field, $"is {Shown(text)}; 1 to {LongestText} characters on one line are expected");
                return "";
            }
            return text;
        }

        private bool IsObject(JsonElement json, string where, IReadOnlyList<string> names)
        {
            if (json.ValueKind != JsonValueKind.Object)
            {
                Fault(where, $"is {Shown(json)}; an object is expected");
                return false;
            }
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var property in json.EnumerateObject())
            {
                var field = where.Length > 0 ? $"{where}.{property.Name}" : property.Name;
                if (!names.Contains(property.Name))
                {
                    Fault(field, $"is unknown; known are {string.Join(", ", names)}");
                }
                else if (!seen.Add(property.Name))
                {
                    Fault(field, "is given twice; once is expected");
                }
            }
            return true;
        }

        private void Fault(string where, string problem) => _faults.Add(new PackFault(where, problem));

        private static bool IsBackward(LimitUnit unit) => unit is LimitUnit.MonthsBefore or LimitUnit.BeforeDayOfYear;

        private static string Shown(JsonElement value) =>
            value.ValueKind switch
            {
                JsonValueKind.Array => $"a list of {value.GetArrayLength()}",
                JsonValueKind.Object => "an object",
                JsonValueKind.String => Shown(value.GetString()!),
                _ => Shown(value.GetRawText()),
            };

        private static string Shown(string text) => text.Length <= 60 ? $"'{text}'" : $"'{text[..60]}…' ({text.Length} characters)";
    }
}
