using System.Text.RegularExpressions;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>What runs the services names the services that there are, the configuration that they read and files that exist.</summary>
public sealed partial class InfrastructureTests
{
    private static readonly string[] Services = ["education", "health", "social-care", "aggregator"];

    /// <summary>Files that configure services, one or all of them.</summary>
    private static readonly string[] Deployments =
    [
        "infra/compose.yaml",
        "infra/run-distributed",
        "infra/Dockerfile",
        "infra/kubernetes/kustomization.yaml",
        .. Services.Select(service => $"infra/kubernetes/{service}.yaml"),
    ];

    [Fact]
    public void Compose_builds_exactly_the_four_services()
    {
        var built = ComposeBuild()
            .Matches(Repository.Read("infra/compose.yaml"))
            .Select(m => (m.Groups["service"].Value, m.Groups["project"].Value));
        Assert.Equal(Services.Select(service => (service, ProjectOf(service))), built);
    }

    [Fact]
    public void Run_distributed_starts_exactly_the_four_services()
    {
        var script = Repository.Read("infra/run-distributed");
        Assert.Contains($"services=({string.Join(' ', Services)})", script);
        Assert.Contains($"projects=({string.Join(' ', Services.Select(ProjectOf))})", script);
    }

    [Fact]
    public void Kubernetes_runs_exactly_the_four_services_all_in_the_same_way()
    {
        var kustomization = Repository.Read("infra/kubernetes/kustomization.yaml");
        Assert.Equal(Services, KustomizedImage().Matches(kustomization).Select(m => m.Groups["service"].Value));
        Assert.All(Services, service => Assert.Contains($"- {service}.yaml", kustomization));
        var one = Repository.Read("infra/kubernetes/education.yaml");
        Assert.All(
            Services,
            service => Assert.Equal(one.Replace("education", service), Repository.Read($"infra/kubernetes/{service}.yaml"))
        );
    }

    [Fact]
    public void Each_service_has_a_role_and_a_database_wherever_it_runs()
    {
        var databases = Services.Select(service => service.Replace('-', '_')).ToList();
        Assert.Contains($"for service in {string.Join(' ', databases)}; do", Repository.Read("infra/postgres/create-databases.sh"));
        Assert.All(
            databases,
            database =>
            {
                var itself = $"Database={database};Username={database};Password=";
                Assert.Contains(itself, Repository.Read("infra/compose.yaml"));
                Assert.Contains(itself, Repository.Read("infra/kubernetes/secrets.example.yaml"));
                Assert.Contains($"{database.ToUpperInvariant()}_DATABASE_PASSWORD=", Repository.Read("infra/.env.example"));
            }
        );
    }

    [Fact]
    public void Deployments_set_only_keys_that_a_service_reads()
    {
        var read = ReadKeys();
        var unread =
            from file in Deployments
            from Match set in SetKey().Matches(Repository.Read(file))
            where !read.Contains(set.Value)
            select $"{file} sets {set.Value}";
        Assert.Empty(unread.Distinct());
    }

    [Theory]
    [InlineData("infra/compose.yaml", "infra/Dockerfile")]
    [InlineData("infra/run-distributed", "")]
    [InlineData("infra/kubernetes/education.yaml", "infra/kubernetes/kustomization.yaml")]
    public void Every_deployment_sets_every_key_that_has_no_default(string file, string and)
    {
        var text = Repository.Read(file) + (and.Length > 0 ? Repository.Read(and) : "");
        // A development key has no place in a cluster.
        var wanted = ReadKeys(withDefaults: false).Where(key => key != "Auth__DevelopmentKey" || !file.Contains("kubernetes"));
        Assert.Empty(wanted.Where(key => !text.Contains(key)));
    }

    [Fact]
    public void Compose_asks_for_no_value_that_the_example_does_not_explain()
    {
        var example = Repository.Read("infra/.env.example");
        var asked = ComposeVariable().Matches(Repository.Read("infra/compose.yaml")).Select(m => m.Groups["name"].Value).Distinct();
        Assert.Empty(asked.Where(name => !Regex.IsMatch(example, $"^{name}=", RegexOptions.Multiline)));
    }

    [Fact]
    public void What_images_copy_and_compose_mounts_exists()
    {
        var copied =
            from Match copy in Copy().Matches(Repository.Read("infra/Dockerfile"))
            from path in copy.Groups["from"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            select path;
        var mounted = Mount().Matches(Repository.Read("infra/compose.yaml")).Select(m => $"infra/{m.Groups["from"].Value}");
        var projects = Services.Select(service => $"services/{service}/{ProjectOf(service)}.csproj");
        var missing = copied.Concat(mounted).Concat(projects).Where(path => !Path.Exists(Repository.PathOf(path)));
        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("tests/run")]
    [InlineData("tests/bench")]
    [InlineData(".ci/run")]
    [InlineData("infra/run-distributed")]
    [InlineData("infra/install-packages")]
    [InlineData("infra/postgres/create-databases.sh")]
    public async Task Scripts_are_executable_and_bash_can_read_them(string script)
    {
        await Programs.Run(["test", "-x", Repository.PathOf(script)]);
        await Programs.Run(["bash", "-n", Repository.PathOf(script)]);
    }

    private static string ProjectOf(string service) =>
        "SendExchange." + string.Concat(service.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    /// <summary>As environment variables: Otlp:Endpoint is Otlp__Endpoint.</summary>
    /// <param name="withDefaults">Also those of a service's options record, which says what holds where they are not set.</param>
    private static HashSet<string> ReadKeys(bool withDefaults = true) =>
        [
            .. from file in Repository.Files("services", "*.cs")
            where !file.StartsWith("services/sendx/", StringComparison.Ordinal)
            where withDefaults || !file.EndsWith("Options.cs", StringComparison.Ordinal)
            from Match key in ReadKey().Matches(Repository.Read(file))
            select key.Groups["name"].Success
                ? $"ConnectionStrings__{key.Groups["name"].Value}"
                : key.Groups["key"].Value.Replace(":", "__"),
        ];

    [GeneratedRegex(@"onfiguration\[""(?<key>[A-Za-z:]+)""\]|GetConnectionString\(""(?<name>\w+)""\)")]
    private static partial Regex ReadKey();

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+__[A-Za-z_]+\b")]
    private static partial Regex SetKey();

    [GeneratedRegex(@"SERVICE: (?<service>[\w-]+), PROJECT: (?<project>[\w.]+)")]
    private static partial Regex ComposeBuild();

    [GeneratedRegex(@"name: sendexchange/(?<service>[\w-]+),")]
    private static partial Regex KustomizedImage();

    [GeneratedRegex(@"(?<!\$)\$\{(?<name>\w+)")]
    private static partial Regex ComposeVariable();

    [GeneratedRegex(@"^COPY (?!--from)(?<from>.+) \S+$", RegexOptions.Multiline)]
    private static partial Regex Copy();

    [GeneratedRegex(@"\./(?<from>[\w./-]+):/")]
    private static partial Regex Mount();
}
