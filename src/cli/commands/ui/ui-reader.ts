import pc from 'picocolors'
import { serveQuestions } from '../../../ui/reader/thread-side.js'
import { whyLines } from '../../render/render-why.js'

/** The thread on which `taskchain ui` reads a project. */
serveQuestions({ why: (why) => whyLines(why, pc.createColors(false)) })
