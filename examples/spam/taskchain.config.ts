import { defineProject } from 'taskchain'
import * as classifiers from './tasks/classifiers.js'
import * as judge from './tasks/judge.js'
import * as mails from './tasks/mails.js'
import * as report from './tasks/report.js'

export default defineProject({
  root: import.meta.dirname,
  pipelines: { spam: { ...mails, ...classifiers, ...judge, ...report } },
})
