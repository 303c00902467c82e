using System.CommandLine;
using SendExchange.Sendx;

var sendx = new RootCommand(
    "The exchange for EHC needs assessments: run it, send facts to it, ask it for figures. "
        + "Exit codes: 0 done, 1 refused or with findings, 2 wrong usage, 3 cannot be reached."
)
{
    UpCommand.Create(),
    DemoCommand.Create(),
    TokenCommand.Create(),
    SendCommand.Create(),
    ExplainCommand.Create(),
    SimulateCommand.Create(),
    ReportCommand.Create(),
    LawCommand.Create(),
};
Output.FitToOutput();
var parsed = sendx.Parse(args);
var exit = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? Exit.Usage : exit;
