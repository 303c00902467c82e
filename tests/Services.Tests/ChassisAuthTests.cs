using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SendExchange.Chassis;
using SendExchange.Education;
using SendExchange.Education.V1;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

public sealed class ChassisAuthTests(ChassisAuthTests.Host host) : IClassFixture<ChassisAuthTests.Host>
{
    private const string Key = "a development key, long enough also for the algorithms that are not taken";
    private static readonly SymmetricSecurityKey Signer = new(Encoding.UTF8.GetBytes(Key));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_of_the_development_key_is_let_in() =>
        Assert.Equal((HttpStatusCode.OK, StatusCode.OK), await Knock(Sign(Claims())));

    [Fact]
    public async Task Nobody_is_let_in_without_a_token() =>
        Assert.Equal((HttpStatusCode.Unauthorized, StatusCode.Unauthenticated), await Knock(null));

    public static TheoryData<string, string> Bad =>
        new()
        {
            { "not a token", "nonsense" },
            { "signed with another key", Sign(Claims(), new SymmetricSecurityKey(new byte[64])) },
            { "not signed", $"{Base64Url("""{"alg":"none","typ":"JWT"}""")}.{Sign(Claims()).Split('.')[1]}." },
            { "another algorithm", Sign(Claims(), algorithm: SecurityAlgorithms.HmacSha384) },
            { "expired", Sign(Claims(), from: TimeSpan.FromHours(-2), to: TimeSpan.FromMinutes(-1)) },
            { "not valid yet", Sign(Claims(), from: TimeSpan.FromHours(1), to: TimeSpan.FromHours(2)) },
            { "for another audience", Sign(Claims(), audience: "another") },
            { "from another issuer", Sign(Claims(), issuer: "another") },
            { "without organisation", Sign([new(Auth.RoleClaim, "sender")]) },
            { "with an empty organisation", Sign(Claims("")) },
            { "of two organisations", Sign([.. Claims("la:350"), .. Claims("la:351")]) },
            { "changed", Changed(Sign(Claims())) },
        };

    [Theory, MemberData(nameof(Bad))]
    public async Task A_bad_token_is_refused(string why, string token)
    {
        Assert.Equal((HttpStatusCode.Unauthorized, StatusCode.Unauthenticated), await Knock(token));
        Assert.NotEmpty(why);
    }

    [Fact]
    public async Task A_token_that_ran_out_less_than_half_a_minute_ago_is_let_in_because_clocks_differ() =>
        Assert.Equal(
            (HttpStatusCode.OK, StatusCode.OK),
            await Knock(Sign(Claims(), from: TimeSpan.FromHours(-1), to: TimeSpan.FromSeconds(-5)))
        );

    [Fact]
    public async Task A_role_that_is_missing_is_refused_with_the_role_that_is_needed()
    {
        var token = Sign(Claims(roles: "inspector"));
        Assert.Equal((HttpStatusCode.OK, StatusCode.PermissionDenied), await Knock(token));
        using var http = Http(token);
        using var answer = await http.PostAsync(new Uri(host.Url, "/operate/redrive/education.advice-given"), null, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory, InlineData(null, null), InlineData("", ""), InlineData("https://issuer.example", Key), InlineData(null, "too short")]
    public void A_process_does_not_start_without_exactly_one_source_of_tokens(string? authority, string? key)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["Auth:Authority"] = authority;
        builder.Configuration["Auth:DevelopmentKey"] = key;

        var refused = Assert.Throws<InvalidOperationException>(() => builder.AddChassis(_ => { }));

        Assert.Contains("Auth__DevelopmentKey", refused.Message);
        Assert.DoesNotContain("too short", refused.Message);
    }

    [Fact]
    public void A_new_development_key_is_long_and_never_the_same() =>
        Assert.Equal(
            (2, 64),
            (new[] { Auth.NewDevelopmentKey(), Auth.NewDevelopmentKey() }.Distinct().Count(), Auth.NewDevelopmentKey().Length)
        );

    /// <summary>What an endpoint that says nothing of who may call it answers, and what a gRPC method for senders does.</summary>
    private async Task<(HttpStatusCode, StatusCode)> Knock(string? token)
    {
        using var http = Http(token);
        using var page = await http.GetAsync(new Uri(host.Url, "/forgotten"), Stop);
        using var channel = GrpcChannel.ForAddress(host.Grpc, new GrpcChannelOptions { HttpClient = http });
        try
        {
            await new AssessmentIntakeService.AssessmentIntakeServiceClient(channel).RecordFactAsync(
                new RecordFactRequest { Fact = new AssessmentFact() },
                cancellationToken: Stop
            );
            return (page.StatusCode, StatusCode.OK);
        }
        catch (RpcException refused)
        {
            return (page.StatusCode, refused.StatusCode);
        }
    }

    private static HttpClient Http(string? token)
    {
        var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private static List<Claim> Claims(string organisation = "la:350", string roles = "sender") =>
        [new(Auth.OrganisationClaim, organisation), new(Auth.RoleClaim, roles)];

    private static string Sign(
        List<Claim> claims,
        SecurityKey? key = null,
        string algorithm = SecurityAlgorithms.HmacSha256,
        TimeSpan? from = null,
        TimeSpan? to = null,
        string audience = "sendexchange",
        string issuer = "sendexchange-development"
    )
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = issuer,
                Audience = audience,
                NotBefore = now + (from ?? TimeSpan.Zero),
                Expires = now + (to ?? TimeSpan.FromHours(1)),
                Subject = new ClaimsIdentity(claims),
                SigningCredentials = new SigningCredentials(key ?? Signer, algorithm),
            }
        );
    }

    private static string Changed(string token)
    {
        var (header, body, signature) = (token.Split('.')[0], token.Split('.')[1], token.Split('.')[2]);
        var claims = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(body)).Replace("la:350", "la:351");
        return $"{header}.{Base64Url(claims)}.{signature}";
    }

    private static string Base64Url(string text) => Base64UrlEncoder.Encode(text);

    public sealed class Host : IAsyncLifetime
    {
        private ServiceHost services = null!;

        public Uri Url => services.HttpUrl;

        public Uri Grpc => services.GrpcUrl;

        public async ValueTask InitializeAsync() =>
            services = await ServiceHost.Start(
                Engine.Sqlite,
                chassis => chassis.AddEducation(),
                app =>
                {
                    app.MapEducation();
                    app.MapGet("/forgotten", () => "let in"); // Says nothing of who may call it.
                },
                settings: new Dictionary<string, string?> { ["Auth:DevelopmentKey"] = Key }
            );

        public ValueTask DisposeAsync() => services.DisposeAsync();
    }
}
