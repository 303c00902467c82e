using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SendExchange.Contracts;

/// <summary>The text values of a fact: how an instant is written, and what of a faulty value an error text may repeat.</summary>
public static class FactValues
{
    private static readonly Regex Rfc3339 = new(
        @"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?<hour>[0-9]{2}):[0-9]{2}:(?<second>[0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant
    );

    private static readonly Regex Showable = new(
        """
        ^(
            ( [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} | [0-9]{1,2}[/.-][0-9]{1,2}[/.-]([0-9]{2}|[0-9]{4}) )
            ( [Tt\ ][0-9]{1,2} (:[0-9]{1,2}){0,2} ([.,][0-9]{1,9})? ([Zz]|[+-][0-9]{2}:?[0-9]{2})? )?
            | (la|icb|ccg|trust|care|school):[0-9A-Z]{0,6}
            | [0-9]{1,6}
        )\z
        """,
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace
    );

    /// <summary>Reads an instant as RFC 3339 writes it, with its offset, e.g. <c>2024-01-08T09:30:00Z</c>.</summary>
    /// <remarks>
    /// Any number of decimals; <c>T</c> and <c>Z</c> in either case; offsets of up to 14 hours, beyond which there is no place
    /// on earth. A leap second and 24:00 are refused: which day they belong to is for the sender to say.
    /// </remarks>
    /// <param name="text">What was sent.</param>
    /// <param name="instant">Only meaningful when true is returned.</param>
    /// <param name="problem">What was seen and what was expected; null when true is returned.</param>
    public static bool TryInstant(string text, out DateTimeOffset instant, [NotNullWhen(false)] out string? problem)
    {
        instant = default;
        var parts = Rfc3339.Match(text);
        problem =
            parts.Success && parts.Groups["second"].Value == "60" ? $"is {Shown(text)}; a leap second is written as second 59"
            : parts.Success && parts.Groups["hour"].Value == "24" ? $"is {Shown(text)}; 24:00 is written as 00:00 of the next day"
            : parts.Success
            && DateTimeOffset.TryParse(text.ToUpperInvariant(), CultureInfo.InvariantCulture, DateTimeStyles.None, out instant)
                ? null
            : $"is {Shown(text)}; an RFC 3339 instant with its offset is expected, e.g. 2024-01-08T09:30:00Z";
        return problem is null;
    }

    /// <summary>A value at fault as an error text may show it: the value where it can be no more than a date or a code.</summary>
    /// <remarks>
    /// Anything may be typed into any field, also a name, an NHS number (10 digits) or a UPN (a letter and 12 digits), and an
    /// error text ends up in logs. So only what has the form of a date or an instant, of an organisation or of a number of at
    /// most six digits is repeated; of all else its length and kind.
    /// </remarks>
    public static string Shown(string text) =>
        Showable.IsMatch(text) ? $"'{text}'"
        : text.All(char.IsAsciiDigit) ? $"a text of {text.Length:N0} digits"
        : text.All(char.IsLetter) ? $"a text of {text.Length:N0} letters"
        : text.All(char.IsLetterOrDigit) ? $"a text of {text.Length:N0} letters and digits"
        : $"a text of {text.Length:N0} characters";
}
