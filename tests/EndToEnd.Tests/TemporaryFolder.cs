namespace SendExchange.EndToEnd.Tests;

/// <summary>A folder of one test's own, gone after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sendx-").FullName;

    /// <summary>Full path of a file in it.</summary>
    public string this[string file] => System.IO.Path.Combine(Path, file);

    /// <summary>Writes a file of lines and gives its path.</summary>
    public string With(string file, IEnumerable<string> lines)
    {
        File.WriteAllLines(this[file], lines);
        return this[file];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
