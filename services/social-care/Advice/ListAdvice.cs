using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Grpc.Core;
using SendExchange.Chassis;
using SendExchange.SocialCare.V1;
using SendExchange.Statute;

namespace SendExchange.SocialCare.Advice;

public sealed partial class SocialCareAdvice
{
    private const int UsualPage = 100;
    private const int LargestPage = 1_000;

    /// <summary>What the caller's organisation owes or has given, earliest due first.</summary>
    public override async Task<ListAdviceResponse> ListAdvice(ListAdviceRequest request, ServerCallContext context)
    {
        var faults = new List<(string, string)>();
        if (request.PageSize < 0)
        {
            faults.Add(("page_size", $"is {request.PageSize}; 0 to {LargestPage:N0} are expected"));
        }
        if (!Place.TryParse(request.PageToken, out var after))
        {
            faults.Add(("page_token", "is not one that this call returned"));
        }
        if (faults.Count > 0)
        {
            throw GrpcErrors.Invalid([.. faults]);
        }
        var size = request.PageSize == 0 ? UsualPage : Math.Min(request.PageSize, LargestPage);
        var rows = await Asked(Caller.Of(context).Organisation, request.OwedOnly, after, size + 1, context.CancellationToken);
        var today = London.Today(clock);
        var response = new ListAdviceResponse { Advice = { rows.Take(size).Select(row => row.Shown(today)) } };
        if (rows.Count > size)
        {
            var last = rows[size - 1];
            response.NextPageToken = new Place(last.DueOn, last.Authority, last.AdviceId).ToToken();
        }
        return response;
    }

    /// <summary>0 where it is, or was given, in time.</summary>
    internal static int DaysLate(DateOnly due, DateOnly? givenOn, DateOnly today) =>
        Math.Max(0, (givenOn ?? today).DayNumber - due.DayNumber);

    private Task<IReadOnlyList<AskedRow>> Asked(
        string organisation,
        bool owedOnly,
        Place after,
        int most,
        CancellationToken cancellationToken
    ) =>
        database.Query<AskedRow>(
            """
            select authority, advice_id, case_id, kind, sought_on, received_on, due_on, given_on from advice_asked
            where asked_of = @organisation and (given_on is null or not @owedOnly)
                and (due_on, authority, advice_id) > (@DueOn, @Authority, @AdviceId)
            order by due_on, authority, advice_id limit @most
            """,
            new
            {
                organisation,
                owedOnly,
                after.DueOn,
                after.Authority,
                after.AdviceId,
                most,
            },
            cancellationToken
        );

    /// <summary>Where a page ends, in the order of the list.</summary>
    private readonly record struct Place(DateOnly DueOn, string Authority, string AdviceId)
    {
        private static readonly Place _beforeAll = new(DateOnly.MinValue, "", "");

        public string ToToken() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{DueOn:yyyy-MM-dd} {Authority} {AdviceId}"));

        public static bool TryParse(string token, out Place place)
        {
            place = _beforeAll;
            if (token.Length == 0)
            {
                return true;
            }
            if (!Base64Url.IsValid(token))
            {
                return false;
            }
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split(' ', 3); // Only the last may hold spaces.
            if (
                parts.Length < 3
                || !DateOnly.TryParseExact(parts[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var dueOn)
                || parts.Any(part => part.Any(char.IsControl))
            )
            {
                return false;
            }
            place = new Place(dueOn, parts[1], parts[2]);
            return true;
        }
    }

    private sealed class AskedRow
    {
        public required string Authority { get; init; }
        public required string AdviceId { get; init; }
        public required string CaseId { get; init; }
        public required string Kind { get; init; }
        public required DateOnly SoughtOn { get; init; }
        public required DateOnly ReceivedOn { get; init; }
        public required DateOnly DueOn { get; init; }
        public DateOnly? GivenOn { get; init; }

        public AskedAdvice Shown(DateOnly today) =>
            new()
            {
                Authority = Authority,
                CaseId = CaseId,
                AdviceId = AdviceId,
                Kind = Kind,
                SoughtOn = SoughtOn.ToString("yyyy-MM-dd"),
                ReceivedOn = ReceivedOn.ToString("yyyy-MM-dd"),
                Due = DueOn.ToString("yyyy-MM-dd"),
                GivenOn = GivenOn?.ToString("yyyy-MM-dd") ?? "",
                DaysLate = DaysLate(DueOn, GivenOn, today),
            };
    }
}
