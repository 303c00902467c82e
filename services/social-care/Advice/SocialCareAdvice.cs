using Microsoft.AspNetCore.Authorization;
using SendExchange.Chassis;
using SendExchange.SocialCare.V1;

namespace SendExchange.SocialCare.Advice;

/// <summary>The gRPC face of social-care advice; its methods are in <c>ListAdvice.cs</c> and <c>GiveAdvice.cs</c>.</summary>
[Authorize(Roles = "adviser")]
public sealed partial class SocialCareAdvice([FromKeyedServices(SocialCare.Name)] Database database, TimeProvider clock)
    : SocialCareAdviceService.SocialCareAdviceServiceBase;
