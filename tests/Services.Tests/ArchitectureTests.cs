using System.Text.RegularExpressions;
using System.Xml.Linq;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>The rules of the house: who may refer to whom, what stays small, and where the law and the data live.</summary>
public sealed partial class ArchitectureTests
{
    private const int MostProgramLines = 40;
    private const int MostChassisFiles = 12;
    private const int MostChassisLines = 1_600; // What the faults met in tests cost; beyond it something belongs elsewhere.

    private static readonly string[] Services = ["education", "health", "social-care", "aggregator"];
    private static readonly string[] Hosted = [.. Services.Select(s => $"services/{s}")];
    private static readonly string[] ForServices = ["contracts/Contracts", "contracts/Statute", "services/chassis"];
    private static readonly string[] DropIns = ["contracts/Grpc/Grpc.Core.Api", "contracts/Grpc/Grpc.Net.Common"];

    /// <summary>Which projects a project may refer to. Tests may refer to anything.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["contracts/Statute"] = [],
        ["contracts/Contracts"] = DropIns,
        ["contracts/Grpc/Grpc.Core.Api"] = [],
        ["contracts/Grpc/Grpc.Net.Common"] = ["contracts/Grpc/Grpc.Core.Api"],
        ["services/chassis"] = DropIns,
        ["services/education"] = [.. ForServices, .. DropIns],
        ["services/health"] = [.. ForServices, .. DropIns],
        ["services/social-care"] = [.. ForServices, .. DropIns],
        ["services/aggregator"] = [.. ForServices, .. DropIns],
        ["services/sendx"] = [.. Hosted, .. ForServices, .. DropIns],
    };

    [Fact]
    public void Every_project_refers_only_to_those_that_the_layout_allows()
    {
        var strays =
            from project in Projects
            where !project.StartsWith("tests/", StringComparison.Ordinal)
            let folder = Path.GetDirectoryName(project)!
            from target in References(project)
            where !Allowed.TryGetValue(folder, out var allowed) || !allowed.Contains(target)
            select $"{folder} -> {target}";
        Assert.Empty(strays);
    }

    [Fact]
    public void The_law_needs_no_package() =>
        Assert.Empty(XDocument.Load(Repository.PathOf("contracts/Statute/SendExchange.Statute.csproj")).Descendants("PackageReference"));

    [Fact]
    public void Only_the_host_of_sendx_names_a_service_its_commands_use_the_contracts()
    {
        var strays =
            from file in Repository.Files("services/sendx", "*.cs")
            // No client: it says offline what intake and the aggregator would, by their own rules instead of a copy.
            where !file.StartsWith("services/sendx/Explain/", StringComparison.Ordinal)
            let text = Repository.Read(file)
            where ServiceNamespace().IsMatch(text) && !text.Contains(".AddEducation(", StringComparison.Ordinal)
            select file;
        Assert.Empty(strays);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("SendExchange.sln").Replace('\\', '/');
        Assert.Empty(Projects.Where(project => !solution.Contains($"\"{project}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_project_has_its_packages_locked() =>
        Assert.Empty(Projects.Where(project => !File.Exists(Repository.PathOf($"{Path.GetDirectoryName(project)}/packages.lock.json"))));

    [Fact]
    public void No_project_is_a_drawer_for_odds_and_ends()
    {
        // The drop-ins are called what the official assemblies ask for.
        var drawers =
            from project in Projects
            where !project.StartsWith("contracts/Grpc/", StringComparison.Ordinal)
            where project.Split('/', '.').Any(part => part is "Common" or "Shared" or "Core" or "Utils" or "Helpers" or "BuildingBlocks")
            select project;
        Assert.Empty(drawers);
    }

    [Fact]
    public void Every_Program_reads_as_a_summary()
    {
        var tooLong =
            from service in Services
            let lines = File.ReadLines(Repository.PathOf($"services/{service}/Program.cs")).Count()
            where lines > MostProgramLines
            select $"{service}/Program.cs has {lines} lines";
        Assert.Empty(tooLong);
    }

    [Fact]
    public void The_chassis_stays_small()
    {
        // GrpcHealth and GrpcReflection stand in for packages and leave when those can be had; blank lines and remarks are free.
        var files = Repository
            .Files("services/chassis", "*.cs")
            .Where(f => !f.EndsWith("/GrpcHealth.cs") && !f.EndsWith("/GrpcReflection.cs"))
            .ToList();
        var lines = files.Sum(file =>
            File.ReadLines(Repository.PathOf(file)).Count(line => line.Trim() is { Length: > 0 } code && !code.StartsWith("//"))
        );
        Assert.True(files.Count <= MostChassisFiles, $"The chassis has {files.Count} files, at most {MostChassisFiles}.");
        Assert.True(lines <= MostChassisLines, $"The chassis has {lines} lines of code, at most {MostChassisLines}.");
    }

    [Fact]
    public void The_chassis_has_no_noun_of_the_domain()
    {
        var nouns =
            from file in Repository.Files("services/chassis", "*.cs")
            from line in File.ReadLines(Repository.PathOf(file)).Select((text, index) => (text, number: index + 1))
            where !line.text.TrimStart().StartsWith("//")
            from Match noun in DomainNoun().Matches(line.text)
            select $"{file}:{line.number}: {noun.Value}";
        Assert.Empty(nouns);
    }

    [Fact]
    public void Statutory_numbers_stand_in_the_Statute_alone()
    {
        var numbers =
            from file in Repository.Files("services", "*.cs")
            from line in File.ReadLines(Repository.PathOf(file)).Select((text, index) => (text, number: index + 1))
            where StatutoryNumber().IsMatch(line.text)
            select $"{file}:{line.number}: {line.text.Trim()}";
        Assert.Empty(numbers);
    }

    [Fact]
    public void No_service_names_a_table_of_another_service()
    {
        var tables = Services.ToDictionary(s => s, s => Tables($"services/{s}").ToHashSet());
        var ofAll = Tables("services/chassis").ToHashSet();
        var strays =
            from service in Services
            from file in Repository.Files($"services/{service}", "*.cs").Concat(Repository.Files($"services/{service}", "*.sql"))
            from Match use in TableUse().Matches(Repository.Read(file))
            let table = use.Groups["table"].Value
            where !tables[service].Contains(table) && !ofAll.Contains(table)
            from owner in Services
            where tables[owner].Contains(table)
            select $"{file} uses '{table}' of {owner}";
        Assert.Empty(strays);
    }

    [Fact]
    public void No_service_reaches_into_another_database()
    {
        var strays =
            from file in Repository.Files("services", "*.cs").Concat(Repository.Files("services", "*.sql"))
            where OtherDatabase().IsMatch(Repository.Read(file))
            select file;
        Assert.Empty(strays);
    }

    private static IReadOnlyList<string> Projects { get; } =
    [.. Repository.Files("contracts", "*.csproj"), .. Repository.Files("services", "*.csproj"), .. Repository.Files("tests", "*.csproj")];

    /// <summary>Folders of the projects that a project refers to, through the props that it imports too.</summary>
    private static IEnumerable<string> References(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        var xml = XDocument.Load(Repository.PathOf(file));
        var own = xml.Descendants("ProjectReference")
            .Select(r => Resolve((string)r.Attribute("Include")!))
            .Select(p => Path.GetDirectoryName(p)!);
        var imported = xml.Descendants("Import").Select(i => Resolve((string)i.Attribute("Project")!)).SelectMany(References);
        return own.Concat(imported).Distinct();

        string Resolve(string path) =>
            Path.GetRelativePath(
                Repository.Root,
                Path.GetFullPath(
                    Path.Combine(Repository.PathOf(folder), path.Replace("$(MSBuildThisFileDirectory)", "").Replace('\\', '/'))
                )
            );
    }

    private static IEnumerable<string> Tables(string folder) =>
        from file in Repository.Files(folder, "*.sql")
        from Match table in TableCreation().Matches(Repository.Read(file))
        select table.Groups["table"].Value;

    [GeneratedRegex(@"SendExchange\.(Education|Health|SocialCare|Aggregator)\b(?!\.V1)")]
    private static partial Regex ServiceNamespace();

    [GeneratedRegex(@"\b(?:Assessment|Obligation|Breach|Advice|Authorities|Child|Icb|Trust|Ofsted|Statute)(?:s|es)?\b")]
    private static partial Regex DomainNoun();

    // 15 days, and 6, 8, 10, 12, 14, 16 and 20 weeks: as days, or as so many times seven.
    [GeneratedRegex(@"AddDays\(\s*-?(?:15|28|35|42|56|70|84|98|112|140)\b|\b7 \* |\* 7\b|AddMonths\(\s*-?\d|AddYears\(\s*-?\d")]
    private static partial Regex StatutoryNumber();

    [GeneratedRegex(@"\b(?:from|join|into|update)\s+(?<table>[a-z_]+)\b")]
    private static partial Regex TableUse();

    [GeneratedRegex(@"\bcreate table (?:if not exists )?(?<table>[a-z_]+)")]
    private static partial Regex TableCreation();

    [GeneratedRegex(
        @"dblink|postgres_fdw|attach database|\b(?:from|join|into|update)\s+(?:education|health|social_care|aggregator)\.",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex OtherDatabase();
}
