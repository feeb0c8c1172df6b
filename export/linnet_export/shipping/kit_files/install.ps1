# Installs this kit, without a network:  powershell -ExecutionPolicy Bypass -File install.ps1 DIR
# $env:PYTHON = 'C:\path\to\python.exe' names the Python; install.ps1 --help shows the options.
# This script checks install.py; install.py checks every other file before it does anything else.
$ErrorActionPreference = 'Stop'
$kit = $PSScriptRoot

function Stop-Install([string] $Message, [int] $Status) {
    [Console]::Error.WriteLine("install.ps1: $Message")
    exit $Status
}

$sums = Join-Path $kit 'SHA256SUMS'
$installer = Join-Path $kit 'install.py'
foreach ($file in $sums, $installer) {
    if (-not (Test-Path -LiteralPath $file -PathType Leaf)) {
        Stop-Install "$file is missing: copy the kit again" 1
    }
}
$expected = ''
foreach ($line in [IO.File]::ReadAllLines($sums)) {
    if ($line -cmatch '^([0-9a-f]{64})  install\.py$') { $expected = $Matches[1] }
}
$found = (Get-FileHash -LiteralPath $installer -Algorithm SHA256).Hash.ToLowerInvariant()
if ($expected -cne $found) {
    Stop-Install "install.py was altered: expected sha256 $expected, found ${found}: copy the kit again" 1
}

# Returns whether a Python runs; Windows has a program "python" that only opens its shop.
function Test-Python([string] $Program, [string[]] $Options) {
    $ErrorActionPreference = 'SilentlyContinue'
    if (-not (Get-Command -Name $Program -CommandType Application)) { return $false }
    & $Program @Options -c pass 2>&1 | Out-Null
    return $LASTEXITCODE -eq 0
}

if ($env:PYTHON) {
    $candidates = , @($env:PYTHON) # the comma makes it a list of lists
} else {
    $candidates = @('py', '-@PYTHON@'), @('python@PYTHON@'), @('python')
}
foreach ($candidate in $candidates) {
    $program = $candidate[0]
    $options = @($candidate | Select-Object -Skip 1)
    if (Test-Python $program $options) {
        & $program @options -I -B $installer @args
        exit $LASTEXITCODE
    }
}
Stop-Install 'expected Python @PYTHON@, found none: set $env:PYTHON to its path' 2
