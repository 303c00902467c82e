using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>Facts that go on flowing into a sending while something happens to the exchange.</summary>
/// <param name="sending">A <c>sendx send -</c>.</param>
/// <param name="lines">The facts.</param>
/// <param name="stores">Of the exchange that they flow into.</param>
/// <param name="events">How often something will happen: the facts are shared out among these.</param>
internal sealed class Flow(Sendx sending, IReadOnlyList<string> lines, Stores stores, int events)
{
    private int sent;

    /// <summary>Strikes when the first of further facts have arrived, and lets more come before it is mended.</summary>
    public async Task Strike(Func<Task> strike, Func<Task> mend)
    {
        var before = sent;
        await Send();
        await Eventually.True(async () => await stores.Count("education", "facts") > before);
        await strike();
        var meanwhile = Send(); // May wait: nobody need be there to take them.
        await mend();
        await meanwhile;
    }

    /// <summary>Sends what is left and waits until all of it is in the obligations.</summary>
    public async Task<Said> End()
    {
        await Send(lines.Count);
        return await sending.End();
    }

    private Task Send() => Send(sent + (lines.Count / (2 * events)));

    private async Task Send(int until)
    {
        try
        {
            for (; sent < until; sent++)
            {
                await sending.Input.WriteLineAsync(lines[sent]);
            }
            await sending.Input.FlushAsync();
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"The sending has ended at line {sent}. {await sending.End()}", e);
        }
    }
}
