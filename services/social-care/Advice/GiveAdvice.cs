using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.SocialCare.V1;
using SendExchange.Statute;

namespace SendExchange.SocialCare.Advice;

public sealed partial class SocialCareAdvice
{
    private const int LongestId = 100;
    private const int LargestContent = 1024 * 1024; // Bytes of UTF-8.
    private const long NotRecordedYet = 0; // Positions of facts start at 1; below 0: not recorded since it was taken back.

    /// <summary>
    /// Keeps the advice and lets the authority know that it was given. The content stays in this service's database: the
    /// message says only who gave which advice on what day.
    /// </summary>
    /// <remarks>Where the body has told Education itself that it gave the advice, that day stands and nothing is said again.</remarks>
    public override async Task<GiveAdviceResponse> GiveAdvice(GiveAdviceRequest request, ServerCallContext context)
    {
        var faults = Faults(request, London.Today(clock), out var givenOn);
        if (faults.Count > 0)
        {
            throw GrpcErrors.Invalid([.. faults]);
        }
        var by = Caller.Of(context).Organisation;
        return await database.Transact(tx => Give(tx, by, request, givenOn), context.CancellationToken);
    }

    private static async Task<GiveAdviceResponse> Give(Transaction tx, string by, GiveAdviceRequest request, DateOnly givenOn)
    {
        if (await CaseThatAsks(tx, by, request) is { } caseId && await Keep(tx, by, request, givenOn) is { } kept)
        {
            var isNew = kept.Position <= NotRecordedYet;
            if (isNew)
            {
                tx.Publish(
                    new AdviceGiven(
                        FactId(request.Authority, request.AdviceId, takenBackAt: -kept.Position),
                        by,
                        request.Authority,
                        caseId,
                        request.AdviceId,
                        kept.GivenOn
                    )
                );
            }
            return Response(isNew, kept);
        }
        // Answered before, even if it was taken back since; or never asked of this body.
        var before =
            await GivenBefore(tx, by, request)
            ?? throw GrpcErrors.NotFound($"No advice of that advice_id is asked of {by} by {request.Authority}.");
        return before.Content == request.Content
            ? Response(recorded: false, before)
            : throw new RpcException(
                new Status(
                    StatusCode.AlreadyExists,
                    $"The advice of that advice_id of {request.Authority} was given on {before.GivenOn:yyyy-MM-dd} with other content."
                )
            );
    }

    private static GiveAdviceResponse Response(bool recorded, GivenRow given) =>
        new() { Recorded = recorded, GivenOn = given.GivenOn.ToString("yyyy-MM-dd") };

    /// <summary>What is wrong with the request whoever asks; <paramref name="givenOn"/> counts only where nothing is.</summary>
    internal static IReadOnlyList<(string Field, string Problem)> Faults(GiveAdviceRequest request, DateOnly today, out DateOnly givenOn)
    {
        var faults = new List<(string, string)>();
        if (OrganisationId.LocalAuthorityNumber(request.Authority) is null)
        {
            faults.Add(("authority", "is not a local authority; expected la: and its DfE number, e.g. la:350"));
        }
        if (request.AdviceId.Length is 0 or > LongestId || request.AdviceId.Any(char.IsControl))
        {
            faults.Add(("advice_id", $"has {request.AdviceId.Length:N0} characters; expected 1 to {LongestId}, none a control character"));
        }
        // Before the Regulations there was no such advice to give; education would refuse the day as well.
        var earliest = Provisions.GiveAdvice.InForceFrom;
        givenOn = today;
        if (
            request.GivenOn.Length > 0
            && !DateOnly.TryParseExact(request.GivenOn, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out givenOn)
        )
        {
            faults.Add(("given_on", "is not a calendar date; expected e.g. 2024-01-08, or nothing for today"));
        }
        else if (givenOn > today || givenOn < earliest)
        {
            faults.Add(("given_on", $"is {givenOn:yyyy-MM-dd}; expected a day from {earliest:yyyy-MM-dd} to today, {today:yyyy-MM-dd}"));
        }
        var size = Encoding.UTF8.GetByteCount(request.Content);
        if (size is 0 or > LargestContent)
        {
            faults.Add(("content", $"has {size:N0} bytes of UTF-8; expected 1 to {LargestContent:N0}"));
        }
        else if (request.Content.Contains('\0'))
        {
            faults.Add(("content", "holds the character U+0000; expected text"));
        }
        return faults;
    }

    /// <summary>The id of the body's fact <c>adviceGiven</c> at Education: the same each time, 100 characters at most.</summary>
    /// <param name="takenBackAt">Position of the fact that took it back before; 0: none did. Given again, it is another fact.</param>
    internal static string FactId(string authority, string adviceId, long takenBackAt)
    {
        var kind = takenBackAt == 0 ? "social-care-advice" : $"social-care-advice-after-{takenBackAt}";
        var plain = $"{kind}/{authority}/{adviceId}";
        return plain.Length <= LongestId
            ? plain
            : $"{kind}/{authority}#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(adviceId)))}";
    }

    private static Task<string?> CaseThatAsks(Transaction tx, string by, GiveAdviceRequest request) =>
        tx.One<string>(
            "select case_id from advice_asked where authority = @Authority and advice_id = @AdviceId and asked_of = @by",
            new
            {
                request.Authority,
                request.AdviceId,
                by,
            }
        );

    /// <returns>
    /// Null where content was kept before, and not taken back since. Of two calls at once the second waits here and gets null.
    /// </returns>
    private static Task<GivenRow?> Keep(Transaction tx, string by, GiveAdviceRequest request, DateOnly givenOn) =>
        tx.One<GivenRow>(
            """
            insert into advice_given (authority, advice_id, given_by, given_on, position, content)
            values (@Authority, @AdviceId, @by, @givenOn, @NotRecordedYet, @Content)
            on conflict (authority, advice_id, given_by) do update set
                content = excluded.content,
                given_on = coalesce(advice_given.given_on, excluded.given_on),
                position = case when advice_given.given_on is null then -advice_given.position else advice_given.position end
            where advice_given.content is null or advice_given.given_on is null
            returning position, given_on
            """,
            new
            {
                request.Authority,
                request.AdviceId,
                by,
                givenOn,
                NotRecordedYet,
                request.Content,
            }
        );

    private static Task<GivenRow?> GivenBefore(Transaction tx, string by, GiveAdviceRequest request) =>
        tx.One<GivenRow>(
            """
            select position, given_on, content from advice_given
            where authority = @Authority and advice_id = @AdviceId and given_by = @by
                and given_on is not null and content is not null
            """,
            new
            {
                request.Authority,
                request.AdviceId,
                by,
            }
        );

    private sealed class GivenRow
    {
        public required long Position { get; init; }
        public required DateOnly GivenOn { get; init; }
        public string? Content { get; init; }
    }
}
