; The installer for Windows; installers/windows/setup.py calls Inno Setup 6.3 or later with
;   /DVersion=0.1.0 /DFrozen=dist\frozen\loopwright /DBuild=build
; It needs no administrator: it installs for one user, or for all users if that is chosen.
; Uninstalling keeps the user's loops, settings and models.

#ifndef Version
  #error Version is missing: see the top of this file
#endif

[Setup]
AppId={{8B4E7C35-3A0B-4B0C-9C65-6B7B0A2D5E11}
AppName=Loopwright
AppVersion={#Version}
AppVerName=Loopwright {#Version}
AppPublisher=The authors of Loopwright
VersionInfoVersion={#Version}
DefaultDirName={autopf}\Loopwright
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile={#SourcePath}\..\..\LICENSE
SetupIconFile={#Build}\icons\loopwright.ico
UninstallDisplayIcon={app}\loopwright-window.exe
WizardStyle=modern
Compression=lzma2/max
SolidCompression=yes
LZMANumBlockThreads=2
ChangesEnvironment=yes
ChangesAssociations=yes
CloseApplications=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "path"; Description: "Add 'loopwright' to PATH for command prompts"; Flags: unchecked

[InstallDelete]
; Files of an earlier version that this one does not have.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Frozen}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion
Source: "{#SourcePath}\..\..\LICENSE"; DestDir: "{app}"; Flags: ignoreversion
Source: "{#Build}\licences.txt"; DestDir: "{app}"; Flags: ignoreversion

[Icons]
Name: "{autoprograms}\Loopwright"; Filename: "{app}\loopwright-window.exe"; AppUserModelID: "org.loopwright.Loopwright"
Name: "{autodesktop}\Loopwright"; Filename: "{app}\loopwright-window.exe"; Tasks: desktopicon

[Registry]
; Offers Loopwright under 'Open with' for WAV files, but does not make it the default.
Root: HKA; Subkey: "Software\Classes\Applications\loopwright-window.exe"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "Loopwright"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\loopwright-window.exe\SupportedTypes"; ValueType: string; ValueName: ".wav"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\loopwright-window.exe\shell\open\command"; ValueType: string; ValueData: """{app}\loopwright-window.exe"" window ""%1"""
Root: HKA; Subkey: "{code:EnvironmentKey}"; ValueType: expandsz; ValueName: "Path"; ValueData: "{code:PathWithApp}"; Tasks: path

[Run]
Filename: "{app}\loopwright-window.exe"; Description: "{cm:LaunchProgram,Loopwright}"; Flags: nowait postinstall skipifsilent

[Code]
function EnvironmentKey(Unused: String): String;
begin
  if IsAdminInstallMode then
    Result := 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
  else
    Result := 'Environment';
end;

function PathNow: String;
begin
  if not RegQueryStringValue(HKA, EnvironmentKey(''), 'Path', Result) then
    Result := '';
end;

function PathWithApp(Unused: String): String;
begin
  Result := PathNow;
  if Pos(';' + Lowercase(ExpandConstant('{app}')) + ';', ';' + Lowercase(Result) + ';') > 0 then
    Exit;
  if (Result <> '') and (Result[Length(Result)] <> ';') then
    Result := Result + ';';
  Result := Result + ExpandConstant('{app}');
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Path: String;
  Place: Integer;
begin
  if Step <> usPostUninstall then
    Exit;
  Path := ';' + PathNow + ';';
  Place := Pos(';' + Lowercase(ExpandConstant('{app}')) + ';', Lowercase(Path));
  if Place = 0 then
    Exit;
  Delete(Path, Place, Length(ExpandConstant('{app}')) + 1);
  RegWriteExpandStringValue(HKA, EnvironmentKey(''), 'Path', Copy(Path, 2, Length(Path) - 2));
end;
