/** Source parsing worker: a thread that parses one text, returns the result, and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { parseText } from '@skerry/contract/parse-text'
import { Source } from '@skerry/contract/source'

parentPort?.postMessage(parseText(Source, String(workerData)))
