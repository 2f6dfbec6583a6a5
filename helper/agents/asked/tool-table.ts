/**
 * The tools of all agents that touch something a profile is about, by what they do. Looked up on 2026-11-21 in Claude Code 2.1.329,
 * OpenCode 1.18.33, Codex 0.169.0, Gemini CLI 0.61.0, Copilot CLI 1.0.102 and the documentation of VS Code, Cursor and Goose. A tool
 * that is not here is nothing a profile is about: what it does is judged when it does it.
 */

type ToolKind = 'shell' | 'task' | 'read' | 'search' | 'write' | 'edit-command' | 'patch' | 'url';

const tools: Readonly<Record<ToolKind, string>> = {
  shell:
    'bash shell sh zsh powershell pwsh exec execcommand localshell containerexec runshellcommand shellcommand terminal runcommand executecommand runinterminal sendtoterminal runterminalcmd runterminalcommand monitor',
  task: 'createandruntask',
  read: 'read readfile view viewimage viewfile openfile notebookread readnotebook readmanyfiles readmultiplefiles',
  search: 'grep grepsearch searchfilecontent rg glob globsearch filesearch ls list listdir listdirectory tree lsp',
  write:
    'write writefile edit editfile multiedit notebookedit editnotebook editnotebookfile create createfile createdirectory createnewjupyternotebook replace replacestringinfile multireplacestringinfile inserteditintofile insertintofile strreplace searchreplace applydiff delete deletefile deletedirectory remove removefile rename renamefile move movefile undoedit',
  'edit-command': 'strreplaceeditor strreplacebasededittool texteditor',
  patch: 'applypatch patch',
  url: 'webfetch fetch fetchwebpage fetchurl openbrowserpage opensimplebrowser navigatepage browsernavigate webscrape httprequest',
};

const kinds: ReadonlyMap<string, ToolKind> = new Map(
  Object.entries(tools).flatMap(([kind, names]) => names.split(' ').map((name): [string, ToolKind] => [name, kind as ToolKind])),
);

/** undefined for a tool that a profile is not about. Letters count without case, and words however they are joined. */
export function toolKindOf(name: string): ToolKind | undefined {
  const own = name.toLowerCase().replace(/^(developer__|functions\.|default_api[.:])/, '');
  return kinds.get(own.replace(/[_-]/g, ''));
}
