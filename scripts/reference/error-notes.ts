import type { PlanError, PlanWarning, RunError, UsageError } from '../../src/errors.js'

/** What each tag means and what to do about it, for the page of errors. The compiler reports one that is missing. */

export interface ErrorNote {
  readonly means: string
  readonly cure: string
}

type Notes<Errors extends { readonly _tag: string }> = Readonly<Record<Errors['_tag'], ErrorNote>>

export const planErrorNotes: Notes<PlanError> = {
  ConfigNotFound: {
    means: 'A config, a context, or what `uses` names, is no file.',
    cure: 'Correct the path: it is relative to the file that says it, or to the folder of configs.',
  },
  ConfigUnreadable: {
    means: 'The file is there and cannot be read: a folder, no permission, no UTF-8.',
    cure: 'The reason is that of the file system; mend it there.',
  },
  YamlSyntax: { means: 'The text is no YAML (or no JSON).', cure: 'Correct it at the place that is named.' },
  DuplicateKey: { means: 'One map has a name twice.', cure: 'Remove one of the two; both places are named.' },
  NumberTooLarge: {
    means: 'A whole number that JavaScript cannot hold exactly.',
    cure: 'Put it in quotes and let the codec of the param decode the text.',
  },
  TooLarge: {
    means: 'A document that is too deep, too large, or grows by aliases: a limit against hostile files.',
    cure: 'Split the config; large data belongs into a file that a param names.',
  },
  BadStructure: {
    means: 'A name that taskchain itself reads (`tasks`, `uses`, `configs`, …) has a value of the wrong shape.',
    cure: 'Write what is expected there: the message says it.',
  },
  UnknownPart: { means: '`#part` names a part that the file lacks.', cure: 'Take one of the parts that are listed.' },
  NoMainPart: {
    means: 'A file of several parts is asked for as a whole, and none says `main_part: true`.',
    cure: 'Say it in one, or ask for a part: `file.yaml#part`.',
  },
  SeveralMainParts: { means: 'Two parts say `main_part: true`.', cure: 'Leave it in one.' },
  UsesCycle: { means: 'Configs use each other in a cycle.', cure: 'Cut it at one place; the whole path is shown.' },
  ContextStructure: {
    means: 'A context says `tasks`, `excluded_tasks` or `configs`. A context only gives values.',
    cure: 'Move that into a config.',
  },
  UnsafeName: {
    means: 'A name that becomes part of a path or an object would lead out of it (`..`, `/`, `__proto__`).',
    cure: 'Choose letters, digits, `_`, `-` and `.`.',
  },
  InvalidGlobal: {
    means: 'A global of the project has no text, number or URL as its value; often a variable that is not set.',
    cure: 'Set the environment variable, or give the global a default in `defineProject`.',
  },
  UnknownPath: {
    means: 'A dotted name of a context or of `--set` leads into something that is not there.',
    cure: 'Change a leaf that exists, or replace the whole value.',
  },
  UnknownTasks: {
    means: 'A pattern below `tasks` or `excluded_tasks` fits no task of the project.',
    cure: 'Correct it: `pipeline.*`, `pipeline.export_name`, or a full name.',
  },
  DuplicateTask: {
    means: 'Two configs bring one task in one namespace, with different values.',
    cure: 'Use one of them in a namespace of its own (`… as name`), or bring the task in one.',
  },
  NameClash: {
    means: 'Two exports come to one task name, or two tasks have one full name.',
    cure: "Give one of them a `name` or a `group`.",
  },
  SameTaskTwice: {
    means: 'One task value is exported under two names.',
    cure: 'Export it once; make the other one by `derive`.',
  },
  SimilarNames: {
    means: 'Names that differ in case alone would be one file on some disks.',
    cure: 'Rename one.',
  },
  InvalidDeclaration: { means: 'A task is declared in a way that cannot work.', cure: 'The hint says what to change.' },
  MissingParam: {
    means: 'A param without a default has no value in the config that brings its task.',
    cure: 'Add it there. Values of other configs are not read; where one has it, the hint names the place.',
  },
  InvalidParam: {
    means: "The codec of a param refuses the config's value.",
    cure: 'Correct the value at the place that is named, or the codec.',
  },
  UnknownClass: {
    means: '`{class: …}` names a class that neither the param nor the project registers.',
    cure: 'Correct the name, or give the class to `object(…)` or to `objects` of `defineProject`.',
  },
  WrongClassArguments: {
    means: 'The arguments of a class are not those that `defineObject` declares.',
    cure: 'Correct them; arguments are named in snake case.',
  },
  UnencodableParam: {
    means: 'A value is nothing that a key can be made from: a function, a `Map`, a number that is not finite.',
    cure: 'Use a codec that encodes it to JSON, or `ignorePersistence` if it changes no result.',
  },
  FileUnreadable: {
    means: 'What a `file`, `folder` or `glob` param names is not there or cannot be read.',
    cure: 'Relative paths start from the root of the project.',
  },
  InputNotExported: {
    means: 'A task reads a task value that no pipeline of the project exports.',
    cure: 'Export it from a module of `pipelines`.',
  },
  PathOfMemory: {
    means: 'A program is to get the path of a value that is kept in memory only.',
    cure: 'Give that task a format that is kept.',
  },
  MissingInput: {
    means: 'The chain has no task that an input asks for.',
    cure: 'Add its config to `uses`, or its tasks to `tasks`; where it is in another namespace, use `from`.',
  },
  AmbiguousInput: {
    means: 'A name fits several tasks.',
    cure: 'Say `group:name`, or give the task value itself.',
  },
  TaskCycle: { means: 'Tasks read each other in a cycle.', cure: 'Cut it; the whole path is shown.' },
  NothingToPlan: {
    means: 'The config and what it uses bring no task.',
    cure: 'Add `tasks`, or ask for the config that uses this one.',
  },
  UnreadValue: {
    means: 'A value that no task reads: always an error for `--set`, for configs with `strict: true`.',
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
    cure: 'Correct the name; nested ones are written `a::b`.',
  },
  NearPlaceholder: {
    means: 'Text in braces that is nearly the name of a global.',
    cure: 'Correct it, or double the braces if it is meant as text.',
  },
  OldYaml: {
    means: 'A word that YAML 1.1 (PyYAML) reads otherwise than YAML 1.2, as `yes` or `010`.',
    cure: 'Write `true`, put the text in quotes, or write the number in full.',
  },
  YamlWarning: { means: 'The YAML reader warns.', cure: 'See its words.' },
  MissingVariable: {
    means: 'An environment variable that a secret names is not set.',
    cure: 'Set it before the task has to run. Everything else goes on without.',
  },
  NoMatch: { means: 'A `matching` input fits no task.', cure: 'Correct the pattern; an empty record is what `run` gets.' },
  PlainClass: {
    means: 'A map with `class` in a param that takes no objects.',
    cure: 'Declare the param as `object(…)` or `anyValue` if an object is meant.',
  },
  IgnoredBesideParts: {
    means: 'A value beside `configs` in a file of several parts belongs to no part.',
    cure: 'Move it into a part.',
  },
  SpelledArgument: {
    means: 'An argument of a class is written as in the code.',
    cure: 'Write it in snake case: the key is the same.',
  },
}

export const runErrorNotes: Notes<RunError> = {
  TaskFailed: {
    means: 'What `run` threw, after all attempts.',
    cure: 'The hint names the line in your code; the log of the failed run is kept beside the result.',
  },
  TimedOut: { means: 'The task took longer than its `timeout`.', cure: 'Raise it, or end on `context.signal`.' },
  StillRunning: {
    means: 'A task that timed out goes on in the background; nothing can take its place in this process.',
    cure: 'End on `context.signal`, or run it with `--executor workers`, where it is ended.',
  },
  WrongResult: {
    means: "What `run` returned is nothing that the task's format keeps.",
    cure: 'The path leads to the first field that is wrong.',
  },
  WrongInput: {
    means: 'A value does not have the type that is stated for an input by name.',
    cure: 'State the type that the task yields.',
  },
  InputChanged: {
    means: 'With `--check-mutation`: a task changed a value that it was given.',
    cure: 'Copy it first; other tasks read the same value.',
  },
  FileChanged: {
    means: 'A file that a param names is no longer what was planned with.',
    cure: 'Plan again, and do not write to it while tasks run.',
  },
  SecretNotSet: { means: 'The environment variable of a secret is not set.', cure: 'Set it and run again.' },
  ObjectNotMade: { means: 'The `create` of a class threw.', cure: 'Change the value in the config, or the class.' },
  NotComputed: { means: 'A value was only to be read, and is not stored.', cure: 'Compute it with `run`.' },
  ArtifactUnreadable: {
    means: 'Stored data cannot be read, with `--no-repair` or where computing is not allowed.',
    cure: '`taskchain force` marks it; without `--no-repair` a run computes it again by itself.',
  },
  ArtifactNotSaved: {
    means: 'The result could not be written: a full disk, no permission.',
    cure: 'What was there before is untouched; make room and run again.',
  },
  StoreUnusable: {
    means: 'The folder or bucket of the store is not there, not writable, or of a newer version.',
    cure: 'Name another one with `--store`, or mend its permissions.',
  },
  UnfinishedInput: {
    means: 'A task waits for one that stopped on purpose (`unfinished`).',
    cure: 'Run again: it goes on where it stopped.',
  },
  Stopped: { means: 'The run was interrupted before this task ended.', cure: 'Run again; what was saved stays.' },
  NotInChain: { means: 'No task of this chain has that name.', cure: 'Take one that `taskchain tasks` lists.' },
  AmbiguousName: { means: 'A name fits several tasks.', cure: 'Say the full name.' },
  NotInPlanProject: {
    means: 'A plan names a task that the project lacks: it was made with another version.',
    cure: 'Plan again.',
  },
}

export const usageErrorNotes: Notes<UsageError> = {
  ProjectNotFound: {
    means: 'There is no taskchain.config file in this folder or above.',
    cure: '`cd` to the project, name it with `--project`, or make one with `taskchain init`.',
  },
  ProjectNotLoaded: {
    means: 'The project, or a module that it imports, throws while it is loaded.',
    cure: 'The cause is shown as Node says it.',
  },
  NotAProject: {
    means: 'The file exports no project.',
    cure: '`export default defineProject({ … })`.',
  },
  BadOption: { means: 'An option or an argument has no value that it can take.', cure: '`--help` has examples.' },
  SystemRefused: { means: 'The operating system refuses what a command needs.', cure: 'See its words.' },
  GitNotFound: { means: 'Revisions (`CONFIG@REVISION`) are read by git.', cure: 'Install git.' },
  NotInGit: { means: 'The project is in no repository.', cure: 'Compare two configs instead.' },
  UnknownRevision: { means: 'git knows no such revision.', cure: 'Take a branch, a tag or a commit.' },
  GitFailed: { means: 'git ended with an error.', cure: 'See its words.' },
}
