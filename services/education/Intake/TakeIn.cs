using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Statute;
using Body = SendExchange.Education.V1.AssessmentFact.BodyOneofCase;

namespace SendExchange.Education.Intake;

/// <summary>Records facts: each is refused with its faults, known already, or stored and published.</summary>
/// <remarks>
/// The sender's own id decides: the same id with the same content is a duplicate and gets the first receipt again, with
/// other content it is refused. Positions are taken under their sequence's lock, so they have no gaps, and what another
/// transaction stored is visible before the decision is made.
/// </remarks>
internal static class TakeIn
{
    private const string Sequence = "facts";
    private const int MostFactsPerMessage = 50;

    /// <returns>One receipt an offer, in the order given.</returns>
    public static async Task<IReadOnlyList<FactReceipt>> Facts(Transaction tx, IReadOnlyList<Offer> offers, DateTimeOffset now)
    {
        var offered = offers.Select(Judge).ToList();
        var valid = offered.Where(o => o.Faults.Count == 0).ToList();
        if (valid.Count > 0)
        {
            var next = await tx.TakeNumbers(Sequence, 0); // Locks the sequence: from here on nobody else stores facts.
            var known = await Known(tx, valid);
            var stored = new List<Offered>(valid.Count);
            foreach (var offer in valid)
            {
                if (Decide(offer, known.GetValueOrDefault(offer.Id)))
                {
                    offer.Position = next++;
                    offer.RecordedAt = now;
                    known[offer.Id] = new KnownRow
                    {
                        Organisation = offer.Fact.Organisation,
                        FactId = offer.Fact.FactId,
                        ContentHash = offer.ContentHash,
                        Position = offer.Position,
                        RecordedAt = now,
                    };
                    stored.Add(offer);
                }
            }
            if (stored.Count > 0)
            {
                await tx.TakeNumbers(Sequence, stored.Count);
                await tx.InsertMany("facts", stored.ConvertAll(Row));
                await Publish(tx, stored);
            }
        }
        return offered.ConvertAll(o => o.Receipt());
    }

    private static Offered Judge(Offer offer)
    {
        var (fact, caller, _) = offer;
        if (fact.Authority.Length == 0 && fact.Organisation.StartsWith("la:", StringComparison.Ordinal))
        {
            fact.Authority = fact.Organisation;
        }
        var faults = FactRules.Faults(fact).ToList();
        if (fact.Organisation.Length > 0 && fact.Organisation != caller)
        {
            var seen = OrganisationId.TryParse(fact.Organisation, out _, out _) ? fact.Organisation : FactValues.Shown(fact.Organisation);
            faults.Add(new FactFault { Field = "organisation", Problem = $"is {seen}, but the token speaks for {caller}" });
        }
        return new Offered(offer, faults);
    }

    /// <summary>Whether the fact is new; where it is not, its offer becomes a duplicate or gets its fault. Pure.</summary>
    private static bool Decide(Offered offer, KnownRow? first)
    {
        if (first is null)
        {
            return true;
        }
        if (!first.ContentHash.AsSpan().SequenceEqual(offer.ContentHash))
        {
            offer.Faults.Add(
                new FactFault
                {
                    Field = "factId",
                    Problem = "was used before for a fact with other content; a change needs a new factId and `corrects`",
                }
            );
            return false;
        }
        offer.Duplicate = true;
        offer.Position = first.Position;
        offer.RecordedAt = first.RecordedAt;
        return false;
    }

    private static async Task<Dictionary<(string, string), KnownRow>> Known(Transaction tx, IReadOnlyCollection<Offered> offered)
    {
        // Ids of one sender under another's name come along and are not asked for: cheaper than a query a sender.
        var rows = await tx.Query<KnownRow>(
            """
            select organisation, fact_id, content_hash, position, recorded_at from facts
            where organisation in @organisations and fact_id in @ids
            """,
            new
            {
                organisations = offered.Select(o => o.Fact.Organisation).Distinct().ToList(),
                ids = offered.Select(o => o.Fact.FactId).Distinct().ToList(),
            }
        );
        return rows.ToDictionary(r => (r.Organisation, r.FactId));
    }

    private static FactRow Row(Offered o) =>
        new(
            o.Position,
            o.Fact.Organisation,
            o.Fact.FactId,
            o.Fact.Authority,
            o.Fact.CaseId,
            FactJson.Kind(o.Fact),
            o.On,
            o.Replaces,
            o.ContentHash,
            o.Content,
            o.RecordedAt
        );

    private static async Task Publish(Transaction tx, List<Offered> stored)
    {
        foreach (var call in stored.GroupBy(o => o.Trace))
        {
            foreach (var together in call.Chunk(MostFactsPerMessage))
            {
                tx.Publish(new AssessmentFactsRecorded(Array.ConvertAll(together, Recorded)), call.Key);
            }
        }
        await AdviceMessages.Publish(tx, stored);
    }

    private static AssessmentFactRecorded Recorded(Offered o) =>
        new(
            o.Position,
            o.RecordedAt,
            o.Fact.Organisation,
            o.Fact.FactId,
            o.Fact.Authority,
            o.Fact.CaseId,
            FactJson.Kind(o.Fact),
            o.On,
            o.Replaces,
            FactJson.ToText(FactJson.WithoutFreeText(o.Fact))
        );

    /// <summary>A fact on its way through intake, with what has been decided about it.</summary>
    internal sealed class Offered
    {
        public Offered(Offer offer, List<FactFault> faults)
        {
            Fact = offer.Fact;
            Trace = offer.Trace;
            Faults = faults;
            Content = Fact.ToByteArray();
            ContentHash = SHA256.HashData(Content);
            if (faults.Count == 0)
            {
                On = FactRules.On(Fact);
            }
        }

        public AssessmentFact Fact { get; }
        public string? Trace { get; }
        public (string Organisation, string FactId) Id => (Fact.Organisation, Fact.FactId);
        public List<FactFault> Faults { get; }
        public byte[] Content { get; }
        public byte[] ContentHash { get; }
        public DateOnly On { get; }
        public long Position { get; set; }
        public DateTimeOffset RecordedAt { get; set; }
        public bool Duplicate { get; set; }

        public string? Replaces =>
            Fact.BodyCase == Body.Retracted ? Fact.Retracted.FactId
            : Fact.Corrects.Length > 0 ? Fact.Corrects
            : null;

        public FactReceipt Receipt()
        {
            var receipt = new FactReceipt { FactId = Fact.FactId };
            if (Faults.Count > 0)
            {
                receipt.Outcome = FactOutcome.Refused;
                receipt.Faults.AddRange(Faults);
                return receipt;
            }
            receipt.Outcome = Duplicate ? FactOutcome.Duplicate : FactOutcome.Accepted;
            receipt.Position = Position;
            receipt.RecordedAt = RecordedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            return receipt;
        }
    }

    private sealed class KnownRow
    {
        public required string Organisation { get; init; }
        public required string FactId { get; init; }
        public required byte[] ContentHash { get; init; }
        public required long Position { get; init; }
        public required DateTimeOffset RecordedAt { get; init; }
    }

    private sealed record FactRow(
        long Position,
        string Organisation,
        string FactId,
        string Authority,
        string CaseId,
        string Kind,
        DateOnly OnDate,
        string? Replaces,
        byte[] ContentHash,
        byte[] Fact,
        DateTimeOffset RecordedAt
    );
}
