/** Source parsing worker: a thread that parses one text, tells what it says, and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { Source } from '@skerry/contract/sources/source'
import { parseText } from '@skerry/contract/values/parse-text'

parentPort?.postMessage(parseText(Source, String(workerData)))
