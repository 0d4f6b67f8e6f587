import type { PlanError, PlanWarning, RunError, UsageError } from '../../src/errors.js'

/** Explains each tag and what to do about it, for the page of errors. The compiler reports a missing one. */

export interface ErrorNote {
  readonly means: string
  readonly cure: string
}

type Notes<Errors extends { readonly _tag: string }> = Readonly<Record<Errors['_tag'], ErrorNote>>

export const planErrorNotes: Notes<PlanError> = {
  ConfigNotFound: {
    means: 'A config, a context, or an entry of `uses` names a file that does not exist.',
    cure: 'Correct the path. It is relative to the file that contains it, or to the folder of configs.',
  },
  ConfigUnreadable: {
    means: 'The file exists but cannot be read: it is a folder, is not UTF-8, or you lack the permission.',
    cure: 'The reason comes from the file system; fix it there.',
  },
  YamlSyntax: { means: 'The text is not valid YAML (or JSON).', cure: 'Correct it at the place shown.' },
  DuplicateKey: { means: 'A map contains the same name twice.', cure: 'Remove one of the two; both places are shown.' },
  NumberTooLarge: {
    means: 'JavaScript cannot represent this whole number exactly.',
    cure: 'Put it in quotes and let the codec of the parameter decode the text.',
  },
  TooLarge: {
    means: 'A document is nested too deeply, is too large, or grows through aliases. The limits guard against hostile files.',
    cure: 'Split the config, or move large data into a file that a parameter names.',
  },
  BadStructure: {
    means: 'A name that taskchain itself reads (`tasks`, `uses`, `configs`, …) has a value of the wrong shape.',
    cure: 'The message says what is expected.',
  },
  UnknownPart: { means: '`#part` names a part that the file does not have.', cure: 'Use one of the parts listed.' },
  NoMainPart: {
    means: 'A file with several parts is used as a whole, and no part has `main_part: true`.',
    cure: 'Add it to one part, or name a part: `file.yaml#part`.',
  },
  SeveralMainParts: { means: 'Two parts have `main_part: true`.', cure: 'Leave it in one.' },
  UsesCycle: { means: 'Configs use each other in a cycle.', cure: 'Break the cycle; the whole path is shown.' },
  ContextStructure: {
    means: 'A context contains `tasks`, `excluded_tasks` or `configs`. A context only supplies values.',
    cure: 'Move that into a config.',
  },
  UnsafeName: {
    means: 'A name that becomes part of a path or an object is unsafe (`..`, `/`, `__proto__`).',
    cure: 'Use letters, digits, `_`, `-` and `.`.',
  },
  InvalidGlobal: {
    means: 'A global of the project is not a text, number or URL. Often its environment variable is not set.',
    cure: 'Set the environment variable, or give the global a default in `defineProject`.',
  },
  UnknownPath: {
    means: 'A dotted name of a context or of `--set` leads to something that does not exist.',
    cure: 'Change an existing leaf, or replace the whole value.',
  },
  UnknownTasks: {
    means: 'A pattern in `tasks` or `excluded_tasks` matches no task of the project.',
    cure: 'Correct it: `pipeline.*`, `pipeline.export_name`, or a full name.',
  },
  DuplicateTask: {
    means: 'Two configs bring the same task into one namespace, with different values.',
    cure: 'Use one of them in a namespace of its own (`… as name`), or bring the task in one only.',
  },
  NameClash: {
    means: 'Two exports result in the same task name, or two tasks have the same full name.',
    cure: 'Give one of them a `name` or a `group`.',
  },
  SameTaskTwice: {
    means: 'The same task value is exported under two names.',
    cure: 'Export it once, and create the other one with `derive`.',
  },
  SimilarNames: {
    means: 'Names that differ only in case would be the same file on some disks.',
    cure: 'Rename one.',
  },
  InvalidDeclaration: { means: 'A task declaration cannot work.', cure: 'The hint says what to change.' },
  MissingParam: {
    means: 'A parameter without a default has no value in the config that brings its task.',
    cure: 'Add the value there. Values of other configs are not read; if another config has it, the hint names the place.',
  },
  InvalidParam: {
    means: "The codec of a parameter rejects the config's value.",
    cure: 'Correct the value at the place shown, or the codec.',
  },
  UnknownClass: {
    means: '`{class: …}` names a class that neither the parameter nor the project registers.',
    cure: 'Correct the name, or pass the class to `object(…)` or to `objects` of `defineProject`.',
  },
  WrongClassArguments: {
    means: 'The arguments of a class do not match its declaration in `defineObject`.',
    cure: 'Correct them; names of arguments are in snake case.',
  },
  UnencodableParam: {
    means: 'A value cannot be part of a key: a function, a `Map`, a number that is not finite.',
    cure: 'Use a codec that encodes it to JSON, or `ignorePersistence` if it does not affect the result.',
  },
  FileUnreadable: {
    means: 'The file or folder that a `file`, `folder` or `glob` parameter names does not exist or cannot be read.',
    cure: 'Relative paths start from the root of the project.',
  },
  InputNotExported: {
    means: 'A task reads a task value that no pipeline of the project exports.',
    cure: 'Export it from a module of `pipelines`.',
  },
  PathOfMemory: {
    means: 'A program needs the path of a value that is kept only in memory.',
    cure: 'Give that task a format that is stored.',
  },
  MissingInput: {
    means: 'The chain lacks a task that an input requires.',
    cure: 'Add its config to `uses`, or its tasks to `tasks`. If it is in another namespace, use `from`.',
  },
  AmbiguousInput: {
    means: 'A name matches several tasks.',
    cure: 'Write `group:name`, or pass the task value itself.',
  },
  TaskCycle: { means: 'Tasks read each other in a cycle.', cure: 'Break the cycle; the whole path is shown.' },
  NothingToPlan: {
    means: 'The config, with the configs that it uses, brings no task.',
    cure: 'Add `tasks`, or name the config that uses this one.',
  },
  UnreadValue: {
    means: 'No task reads this value. That is always an error for `--set`, and for configs with `strict: true`.',
    cure: 'Correct the name, remove it, or begin it with `x-`.',
  },
}

export const warningNotes: Notes<PlanWarning> = {
  UnusedValue: {
    means: 'No task of the config reads this value.',
    cure: 'Correct the name, remove it, or begin it with `x-`.',
  },
  UnusedContextValue: { means: 'No task of the chain reads this value of a context.', cure: 'Correct or remove it.' },
  UnknownNamespace: {
    means: '`for_namespaces` names a namespace that the chain does not have.',
    cure: 'Correct the name; nested namespaces are written `a::b`.',
  },
  NearPlaceholder: {
    means: 'Text in braces resembles the name of a global.',
    cure: 'Correct it, or double the braces if it is meant as text.',
  },
  OldYaml: {
    means: 'YAML 1.1 (PyYAML) reads this word differently from YAML 1.2, such as `yes` or `010`.',
    cure: 'Write `true`, put the text in quotes, or write the number in full.',
  },
  YamlWarning: { means: 'The YAML reader warns.', cure: 'The message comes from the reader.' },
  MissingVariable: {
    means: 'The environment variable of a secret is not set.',
    cure: 'Set it before the task has to run. Everything else works without it.',
  },
  NoMatch: {
    means: 'A `matching` input matches no task.',
    cure: 'Correct the pattern; otherwise `run` gets an empty record.',
  },
  PlainClass: {
    means: 'A parameter that takes no objects has a map with `class`.',
    cure: 'Declare the parameter as `object(…)` or `anyValue` if an object is meant.',
  },
  IgnoredBesideParts: {
    means: 'A value next to `configs` in a file with several parts belongs to no part.',
    cure: 'Move it into a part.',
  },
  SpelledArgument: {
    means: 'The name of a class argument is written as in the code.',
    cure: 'Write it in snake case; the key stays the same.',
  },
}

export const runErrorNotes: Notes<RunError> = {
  TaskFailed: {
    means: '`run` threw an error, also in its last attempt.',
    cure: 'The hint names the line in your code. The log of the failed run is kept next to the result.',
  },
  TimedOut: {
    means: 'The task took longer than its `timeout`.',
    cure: 'Raise the timeout, or return when `context.signal` aborts.',
  },
  StillRunning: {
    means: 'A task that timed out continues in the background, so it cannot be started again in this process.',
    cure: 'Return when `context.signal` aborts, or use `--executor workers`, which ends the thread.',
  },
  WrongResult: {
    means: "The task's format cannot store what `run` returned.",
    cure: 'The path leads to the first wrong field.',
  },
  WrongInput: {
    means: 'A value does not have the type that is stated for an input by name.',
    cure: 'State the type that the task returns.',
  },
  InputChanged: {
    means: 'With `--check-mutation`: a task changed one of its input values.',
    cure: 'Copy the value first, because other tasks read it too.',
  },
  FileChanged: {
    means: 'A file that a parameter names has changed since it was planned.',
    cure: 'Plan again, and do not write to the file while tasks run.',
  },
  SecretNotSet: { means: 'The environment variable of a secret is not set.', cure: 'Set it and run again.' },
  ObjectNotMade: { means: '`create` of a class threw.', cure: 'Change the value in the config, or the class.' },
  NotComputed: {
    means: 'A value was requested without computing it, and is not stored.',
    cure: 'Compute it with `run`.',
  },
  ArtifactUnreadable: {
    means: 'Stored data cannot be read, with `--no-repair` or where computing is not allowed.',
    cure: '`taskchain force` marks it. Without `--no-repair`, a run computes it again by itself.',
  },
  ArtifactNotSaved: {
    means: 'The result could not be written: the disk is full, or the permission is missing.',
    cure: 'What was stored before is untouched. Make room and run again.',
  },
  StoreUnusable: {
    means: 'The folder or bucket of the store does not exist, is not writable, or is of a newer version.',
    cure: 'Name another one with `--store`, or correct its permissions.',
  },
  UnfinishedInput: {
    means: 'A task needs the result of one that stopped on purpose (`unfinished`).',
    cure: 'Run again: the input continues where it stopped.',
  },
  Stopped: { means: 'The run was interrupted before this task ended.', cure: 'Run again; saved results remain.' },
  NotInChain: { means: 'No task of this chain has this name.', cure: 'Use one that `taskchain tasks` lists.' },
  AmbiguousName: { means: 'A name matches several tasks.', cure: 'Use the full name.' },
  NotInPlanProject: {
    means: 'A plan names a task that the project lacks, because it was made with another version of the project.',
    cure: 'Plan again.',
  },
}

export const usageErrorNotes: Notes<UsageError> = {
  ProjectNotFound: {
    means: 'There is no taskchain.config file in this folder or above.',
    cure: '`cd` to the project, name it with `--project`, or create one with `taskchain init`.',
  },
  ProjectNotLoaded: {
    means: 'The project, or a module that it imports, throws while it is loaded.',
    cure: 'Fix the error that is shown as Node reports it, with the line of your code that throws.',
  },
  NotAProject: {
    means: 'The file does not export a project.',
    cure: 'Write `export default defineProject({ … })`.',
  },
  BadOption: { means: 'An option or an argument has an invalid value.', cure: '`--help` has examples.' },
  SystemRefused: {
    means: 'The operating system refuses something that the command needs.',
    cure: 'Check the path, its permissions and the free space. For too many open files, raise `ulimit -n`.',
  },
  GitNotFound: { means: 'The program git, which reads revisions (`CONFIG@REVISION`), was not found.', cure: 'Install git.' },
  NotInGit: { means: 'The project is not in a git repository.', cure: 'Compare two configs instead.' },
  UnknownRevision: { means: 'git does not know this revision.', cure: 'Use a branch, a tag or a commit.' },
  GitFailed: { means: 'git ended with an error.', cure: 'Fix what the message of git, which is shown, says.' },
}
