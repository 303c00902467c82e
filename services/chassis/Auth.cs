using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace SendExchange.Chassis;

/// <summary>Who calls: the organisation and roles that the token's issuer vouches for.</summary>
/// <param name="Organisation">E.g. la:350.</param>
/// <param name="Roles">sender, adviser, subscriber, inspector, operator.</param>
public sealed record Caller(string Organisation, IReadOnlySet<string> Roles)
{
    public static Caller Of(ServerCallContext context) => Of(context.GetHttpContext().User);

    public static Caller Of(ClaimsPrincipal user) =>
        new(
            user.FindFirstValue(Auth.OrganisationClaim) ?? throw new InvalidOperationException("A caller without organisation was let in."),
            user.FindAll(Auth.RoleClaim).Select(c => c.Value).ToHashSet(StringComparer.Ordinal)
        );
}

/// <summary>Bearer tokens, deny by default: each call needs a valid token with an organisation, each service names its roles.</summary>
/// <remarks>
/// Tokens come from an OIDC issuer (<c>Auth:Authority</c>, with <c>Auth:Audience</c>) or are signed with a shared key
/// (<c>Auth:DevelopmentKey</c>) that stands for one on a developer's machine. With neither, a service does not start.
/// </remarks>
public static class Auth
{
    public const string OrganisationClaim = "organisation";
    public const string RoleClaim = "role";
    public const string DefaultAudience = "sendexchange";
    private const string DevelopmentIssuer = "sendexchange-development";

    internal static void AddAuth(this IServiceCollection services, IConfiguration configuration)
    {
        var authority = configuration["Auth:Authority"];
        var developmentKey = configuration["Auth:DevelopmentKey"];
        if (string.IsNullOrEmpty(authority) == string.IsNullOrEmpty(developmentKey))
        {
            throw new InvalidOperationException(
                "Set exactly one of Auth__Authority (the OIDC issuer's URL) and Auth__DevelopmentKey (at least 32 characters)."
            );
        }
        var key = string.IsNullOrEmpty(developmentKey) ? null : Key(developmentKey);
        services
            .AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddJwtBearer(options =>
            {
                options.MapInboundClaims = false;
                options.TokenValidationParameters.RoleClaimType = RoleClaim;
                options.TokenValidationParameters.NameClaimType = OrganisationClaim;
                options.TokenValidationParameters.ValidAudience = configuration["Auth:Audience"] ?? DefaultAudience;
                options.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
                options.Events = new JwtBearerEvents
                {
                    OnTokenValidated = RequireOrganisation,
                    OnChallenge = Challenge,
                    OnForbidden = Forbid,
                };
                if (key is null)
                {
                    options.Authority = authority;
                    return;
                }
                options.TokenValidationParameters.ValidIssuer = DevelopmentIssuer;
                options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
                options.TokenValidationParameters.IssuerSigningKey = key;
            });
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    /// <summary>A token signed with the development key.</summary>
    /// <param name="developmentKey">As in <c>Auth:DevelopmentKey</c>.</param>
    /// <param name="organisation">E.g. la:350.</param>
    /// <param name="roles">One or more roles.</param>
    /// <param name="now">UTC; valid from then.</param>
    /// <param name="validFor">How long it is valid.</param>
    public static string DevelopmentToken(
        string developmentKey,
        string organisation,
        IEnumerable<string> roles,
        DateTimeOffset now,
        TimeSpan validFor
    ) =>
        new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = DevelopmentIssuer,
                Audience = DefaultAudience,
                NotBefore = now.UtcDateTime,
                IssuedAt = now.UtcDateTime,
                Expires = (now + validFor).UtcDateTime,
                Subject = new ClaimsIdentity([
                    new Claim(OrganisationClaim, organisation),
                    .. roles.Select(role => new Claim(RoleClaim, role)),
                ]),
                SigningCredentials = new SigningCredentials(Key(developmentKey), SecurityAlgorithms.HmacSha256),
            }
        );

    /// <summary>A fresh key for <c>Auth:DevelopmentKey</c>.</summary>
    public static string NewDevelopmentKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    // Here, and not by a policy: an endpoint that names its roles asks no other policy.
    private static Task RequireOrganisation(TokenValidatedContext validated)
    {
        var organisations = validated.Principal?.FindAll(OrganisationClaim).Count(c => c.Value.Length > 0) ?? 0;
        if (organisations != 1)
        {
            validated.Fail(
                organisations == 0 ? "The token names no organisation" : $"The token names {organisations} organisations; one is expected"
            );
        }
        return Task.CompletedTask;
    }

    private static Task Challenge(JwtBearerChallengeContext refused)
    {
        if (IsGrpc(refused.Request))
        {
            refused.HandleResponse();
            var why = refused.AuthenticateFailure switch
            {
                null => "There is none",
                AuthenticationFailureException ours => ours.Message,
                _ when !string.IsNullOrEmpty(refused.ErrorDescription) => refused.ErrorDescription,
                _ => "The one sent is none",
            };
            Refuse(refused.Response, StatusCode.Unauthenticated, $"This call needs a valid token (authorization: Bearer …). {why}.");
        }
        return Task.CompletedTask;
    }

    private static Task Forbid(ForbiddenContext refused)
    {
        if (IsGrpc(refused.Request))
        {
            var user = refused.HttpContext.User;
            var needed = refused
                .HttpContext.GetEndpoint()
                ?.Metadata.GetOrderedMetadata<IAuthorizeData>()
                .Select(a => a.Roles)
                .OfType<string>();
            Refuse(
                refused.Response,
                StatusCode.PermissionDenied,
                $"The token gives {user.FindFirstValue(OrganisationClaim)} "
                    + $"the roles '{string.Join(',', user.FindAll(RoleClaim).Select(c => c.Value))}'; "
                    + $"this call needs one of '{string.Join("' and of '", needed ?? [])}'."
            );
        }
        return Task.CompletedTask;
    }

    private static bool IsGrpc(HttpRequest request) =>
        request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>A gRPC client reads a status and a message where HTTP has 401 and 403, which say nothing of why.</summary>
    private static void Refuse(HttpResponse response, StatusCode code, string message)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)code).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(message);
    }

    private static SymmetricSecurityKey Key(string text) =>
        text.Length >= 32
            ? new SymmetricSecurityKey(Encoding.UTF8.GetBytes(text))
            : throw new InvalidOperationException($"Auth__DevelopmentKey has {text.Length} characters; it needs at least 32.");
}
