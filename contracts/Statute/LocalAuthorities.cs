using System.Collections.Frozen;
using System.Globalization;

namespace SendExchange.Statute;

/// <summary>A local authority of England with EHC duties.</summary>
/// <param name="Number">DfE number, 3 digits.</param>
/// <param name="Gss">ONS code as DfE prints it.</param>
/// <param name="Name">As DfE prints it.</param>
/// <param name="Region">The region it lies in.</param>
/// <param name="FirstYear">First calendar year with figures of its own. Null: from the beginning.</param>
/// <param name="LastYear">Last calendar year with figures of its own. Null: to this day.</param>
public sealed record LocalAuthority(string Number, string Gss, string Name, Region Region, int? FirstYear, int? LastYear)
{
    /// <summary>As an organisation of the exchange, e.g. <c>la:350</c>.</summary>
    public string Organisation { get; } = new OrganisationId(OrganisationKind.LocalAuthority, Number).ToString();

    public bool ExistedIn(int year) => !(year < FirstYear) && !(year > LastYear);
}

/// <summary>A region of England.</summary>
/// <param name="Code">ONS code.</param>
/// <param name="Name">As DfE prints it.</param>
public sealed record Region(string Code, string Name);

/// <summary>The authorities of <c>local-authorities.csv</c> (source there): those of today and those dissolved since 2019.</summary>
public static class LocalAuthorities
{
    private static readonly LocalAuthority[] Table = Read();
    private static readonly FrozenDictionary<string, LocalAuthority> ByNumber = Table.ToFrozenDictionary(a => a.Number);

    /// <summary>In the order of their numbers.</summary>
    public static IReadOnlyList<LocalAuthority> All => Table;

    /// <summary>In the order of their codes.</summary>
    public static IReadOnlyList<Region> Regions { get; } = [.. Table.Select(a => a.Region).Distinct().OrderBy(r => r.Code)];

    /// <param name="number">DfE number, e.g. <c>350</c>.</param>
    /// <returns>Null when there is no such authority.</returns>
    public static LocalAuthority? Find(string number) => ByNumber.GetValueOrDefault(number);

    private static LocalAuthority[] Read()
    {
        using var stream = typeof(LocalAuthorities).Assembly.GetManifestResourceStream("local-authorities.csv")!;
        using var reader = new StreamReader(stream);
        var regions = new Dictionary<string, Region>();
        var table = new List<LocalAuthority>();
        while (reader.ReadLine() is { } line)
        {
            if (!char.IsAsciiDigit(line[0]))
            {
                continue; // The source and the header.
            }
            var cells = line.Split(',', 7);
            if (!regions.TryGetValue(cells[2], out var region))
            {
                regions.Add(cells[2], region = new Region(cells[2], cells[3]));
            }
            table.Add(new LocalAuthority(cells[0], cells[1], cells[6], region, Year(cells[4]), Year(cells[5])));
        }
        return [.. table];
    }

    private static int? Year(string cell) => cell.Length == 0 ? null : int.Parse(cell, CultureInfo.InvariantCulture);
}
