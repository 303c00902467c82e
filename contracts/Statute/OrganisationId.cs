using System.Diagnostics.CodeAnalysis;

namespace SendExchange.Statute;

public enum OrganisationKind
{
    /// <summary>Local authority, by DfE number: <c>la:350</c>.</summary>
    LocalAuthority = 1,

    /// <summary>Integrated care board, by ODS code: <c>icb:QJ2</c>.</summary>
    IntegratedCareBoard,

    /// <summary>Clinical commissioning group (until 30 June 2022), by ODS code: <c>ccg:15M</c>.</summary>
    ClinicalCommissioningGroup,

    /// <summary>NHS trust or foundation trust, by ODS code: <c>trust:RX4</c>.</summary>
    Trust,

    /// <summary>Social care of a local authority, by its DfE number: <c>care:350</c>.</summary>
    SocialCare,

    /// <summary>School or college, by URN: <c>school:105154</c>.</summary>
    School,
}

/// <summary>An organisation as the exchange names it: <c>kind:code</c>, e.g. <c>la:350</c>.</summary>
/// <remarks>Only the form is checked, not whether the organisation exists.</remarks>
public readonly record struct OrganisationId(OrganisationKind Kind, string Code)
{
    /// <summary>Takes a name apart.</summary>
    /// <param name="text">E.g. <c>icb:QJ2</c>.</param>
    /// <param name="id">The parts; only meaningful when true is returned.</param>
    /// <param name="fault">What was seen and what was expected; null when true is returned.</param>
    public static bool TryParse(string? text, out OrganisationId id, [NotNullWhen(false)] out string? fault)
    {
        id = default;
        var colon = text?.IndexOf(':') ?? -1;
        if (text is null || colon < 0)
        {
            fault = $"'{text}' is not an organisation: expected kind:code, e.g. la:350";
            return false;
        }
        if (KindOf(text.AsSpan(0, colon)) is not { } kind)
        {
            fault = $"'{text}' has an unknown kind: expected la, icb, ccg, trust, care or school before the colon";
            return false;
        }
        var code = text[(colon + 1)..];
        fault = FaultOf(kind, code) is { } expected ? $"'{text}' is not {expected}" : null;
        id = new OrganisationId(kind, code);
        return fault is null;
    }

    /// <summary>The DfE number of a local authority named <c>la:350</c>: <c>350</c>. Null for anything else.</summary>
    public static string? LocalAuthorityNumber(string? text) =>
        TryParse(text, out var id, out _) && id.Kind == OrganisationKind.LocalAuthority ? id.Code : null;

    public override string ToString() => $"{PrefixOf(Kind)}:{Code}";

    private static string PrefixOf(OrganisationKind kind) =>
        kind switch
        {
            OrganisationKind.LocalAuthority => "la",
            OrganisationKind.IntegratedCareBoard => "icb",
            OrganisationKind.ClinicalCommissioningGroup => "ccg",
            OrganisationKind.Trust => "trust",
            OrganisationKind.SocialCare => "care",
            OrganisationKind.School => "school",
            _ => "",
        };

    private static OrganisationKind? KindOf(ReadOnlySpan<char> prefix) =>
        prefix switch
        {
            "la" => OrganisationKind.LocalAuthority,
            "icb" => OrganisationKind.IntegratedCareBoard,
            "ccg" => OrganisationKind.ClinicalCommissioningGroup,
            "trust" => OrganisationKind.Trust,
            "care" => OrganisationKind.SocialCare,
            "school" => OrganisationKind.School,
            _ => null,
        };

    // What a code of that kind is; null when this one is.
    private static string? FaultOf(OrganisationKind kind, string code) =>
        kind switch
        {
            OrganisationKind.LocalAuthority => IsDigits(code, 3)
                ? null
                : "a local authority: expected a DfE number of 3 digits, e.g. la:350",
            OrganisationKind.SocialCare => IsDigits(code, 3)
                ? null
                : "a social-care team: expected a DfE number of 3 digits, e.g. care:350",
            OrganisationKind.School => IsDigits(code, 6) ? null : "a school: expected a URN of 6 digits, e.g. school:105154",
            _ => IsOdsCode(code)
                ? null
                : $"an NHS organisation: expected an ODS code of 3 to 6 capital letters and digits, e.g. {Example(kind)}",
        };

    private static string Example(OrganisationKind kind) =>
        kind switch
        {
            OrganisationKind.Trust => "trust:RX4",
            OrganisationKind.ClinicalCommissioningGroup => "ccg:15M",
            _ => "icb:QJ2",
        };

    private static bool IsDigits(string code, int length) => code.Length == length && !code.AsSpan().ContainsAnyExceptInRange('0', '9');

    private static bool IsOdsCode(string code)
    {
        if (code.Length is < 3 or > 6)
        {
            return false;
        }
        foreach (var c in code)
        {
            if (!char.IsAsciiLetterUpper(c) && !char.IsAsciiDigit(c))
            {
                return false;
            }
        }
        return true;
    }
}
