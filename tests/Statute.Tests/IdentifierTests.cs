using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class OrganisationIdTests
{
    [Theory]
    [InlineData("la:350", OrganisationKind.LocalAuthority, "350")]
    [InlineData("icb:QJ2", OrganisationKind.IntegratedCareBoard, "QJ2")]
    [InlineData("ccg:15M", OrganisationKind.ClinicalCommissioningGroup, "15M")]
    [InlineData("trust:RX4", OrganisationKind.Trust, "RX4")]
    [InlineData("trust:RX4123", OrganisationKind.Trust, "RX4123")]
    [InlineData("care:350", OrganisationKind.SocialCare, "350")]
    [InlineData("school:105154", OrganisationKind.School, "105154")]
    public void A_well_formed_name_is_taken_apart_and_put_together_again(string text, OrganisationKind kind, string code)
    {
        Assert.True(OrganisationId.TryParse(text, out var id, out var fault));
        Assert.Null(fault);
        Assert.Equal(new OrganisationId(kind, code), id);
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData(null, "'' is not an organisation: expected kind:code, e.g. la:350")]
    [InlineData("", "'' is not an organisation: expected kind:code, e.g. la:350")]
    [InlineData("350", "'350' is not an organisation: expected kind:code, e.g. la:350")]
    [InlineData("LA:350", "'LA:350' has an unknown kind: expected la, icb, ccg, trust, care or school before the colon")]
    [InlineData(":350", "':350' has an unknown kind: expected la, icb, ccg, trust, care or school before the colon")]
    [InlineData("la:35", "'la:35' is not a local authority: expected a DfE number of 3 digits, e.g. la:350")]
    [InlineData("la:35x", "'la:35x' is not a local authority: expected a DfE number of 3 digits, e.g. la:350")]
    [InlineData("la:350 ", "'la:350 ' is not a local authority: expected a DfE number of 3 digits, e.g. la:350")]
    [InlineData("la:٣٥٠", "'la:٣٥٠' is not a local authority: expected a DfE number of 3 digits, e.g. la:350")]
    [InlineData("care:3500", "'care:3500' is not a social-care team: expected a DfE number of 3 digits, e.g. care:350")]
    [InlineData("school:10515", "'school:10515' is not a school: expected a URN of 6 digits, e.g. school:105154")]
    [InlineData("icb:qj2", "'icb:qj2' is not an NHS organisation: expected an ODS code of 3 to 6 capital letters and digits, e.g. icb:QJ2")]
    [InlineData("ccg:", "'ccg:' is not an NHS organisation: expected an ODS code of 3 to 6 capital letters and digits, e.g. ccg:15M")]
    [InlineData(
        "trust:R1",
        "'trust:R1' is not an NHS organisation: expected an ODS code of 3 to 6 capital letters and digits, e.g. trust:RX4"
    )]
    [InlineData(
        "trust:RX41234",
        "'trust:RX41234' is not an NHS organisation: expected an ODS code of 3 to 6 capital letters and digits, e.g. trust:RX4"
    )]
    [InlineData("icb:Q:2", "'icb:Q:2' is not an NHS organisation: expected an ODS code of 3 to 6 capital letters and digits, e.g. icb:QJ2")]
    public void A_malformed_name_is_refused_with_what_was_expected(string? text, string expected)
    {
        Assert.False(OrganisationId.TryParse(text, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Theory]
    [InlineData("la:350", "350")]
    [InlineData("care:350", null)]
    [InlineData("la:35", null)]
    [InlineData(null, null)]
    public void A_local_authority_has_a_number(string? text, string? number) =>
        Assert.Equal(number, OrganisationId.LocalAuthorityNumber(text));
}

public class LocalAuthoritiesTests
{
    [Fact]
    public void An_authority_is_found_by_its_DfE_number()
    {
        var bolton = LocalAuthorities.Find("350");

        Assert.NotNull(bolton);
        Assert.Equal(("E08000001", "Bolton", "North West", "la:350"), (bolton.Gss, bolton.Name, bolton.Region.Name, bolton.Organisation));
        Assert.Null(LocalAuthorities.Find("999"));
        Assert.Equal("Bristol, City of", LocalAuthorities.Find("801")?.Name);
    }

    [Theory]
    [InlineData(2019, 151)]
    [InlineData(2020, 151)]
    [InlineData(2021, 152)]
    [InlineData(2022, 152)]
    [InlineData(2023, 153)]
    [InlineData(2026, 153)]
    public void There_are_as_many_as_DfE_printed_that_year(int year, int count) =>
        Assert.Equal(count, LocalAuthorities.All.Count(a => a.ExistedIn(year)));

    [Fact]
    public void Numbers_and_codes_are_unique_and_well_formed()
    {
        Assert.Equal(155, LocalAuthorities.All.DistinctBy(a => a.Number).Count());
        Assert.Equal(155, LocalAuthorities.All.DistinctBy(a => a.Gss).Count());
        Assert.All(LocalAuthorities.All, a => Assert.Equal(a.Number, OrganisationId.LocalAuthorityNumber(a.Organisation)));
        Assert.All(LocalAuthorities.All, a => Assert.Matches("^E(06|08|09|10)[0-9]{6}$", a.Gss));
    }

    [Fact]
    public void There_are_nine_regions()
    {
        Assert.Equal(9, LocalAuthorities.Regions.Count);
        Assert.Equal(("E12000001", "North East"), (LocalAuthorities.Regions[0].Code, LocalAuthorities.Regions[0].Name));
        Assert.All(LocalAuthorities.All, a => Assert.Contains(a.Region, LocalAuthorities.Regions));
    }
}

public class Sen2Tests
{
    [Theory]
    [InlineData(2023, "2024-01-18")]
    [InlineData(2024, "2025-01-16")]
    [InlineData(2025, "2026-01-15")] // January began on a Thursday.
    [InlineData(2020, "2021-01-21")] // And on a Friday.
    public void Census_day_is_the_third_Thursday_of_the_next_January(int year, string day)
    {
        Assert.Equal(Day(day), Sen2.CensusDay(year));
        Assert.Equal(DayOfWeek.Thursday, Sen2.CensusDay(year).DayOfWeek);
    }

    [Fact]
    public void The_measures_agree_with_the_limits()
    {
        var day = Day("2024-01-08");

        Assert.Equal(Provisions.DecideToAssess.Limit.Due(day), day.AddDays(Sen2.SixWeeks));
        Assert.Equal(Provisions.NotifyNoPlan.Limit.Due(day), day.AddDays(Sen2.SixteenWeeks));
        Assert.Equal(Provisions.FinalisePlan.Limit.Due(day), day.AddDays(Sen2.TwentyWeeks));
        Assert.Equal(364, Sen2.OneYear);
    }
}
