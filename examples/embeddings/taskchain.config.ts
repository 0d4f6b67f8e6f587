import { defineProject } from 'taskchain'
import * as documents from './tasks/documents.js'
import * as report from './tasks/report.js'
import * as vectors from './tasks/vectors.js'

const { Quality: _, ...reports } = report

export default defineProject({
  root: import.meta.dirname,
  pipelines: { embeddings: { ...documents, ...vectors, ...reports } },
})
