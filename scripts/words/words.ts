/** Words: how many comment sentences of each folder stand on a headless clause. `node scripts/words/words.ts [--json]`; comment-words.ts has the rule. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { countWords, type WordCount } from './comment-words.ts'

const paths = execFileSync('git', ['ls-files', '*.ts', '*.tsx'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(path))

const counts = countWords(paths.map((path) => ({ folder: dirname(path), text: readFileSync(path, 'utf8') })))

const row = ({ folder, sentences, headless, percent }: WordCount) =>
  `${folder.padEnd(60)} ${String(sentences).padStart(9)} ${String(headless).padStart(8)} ${percent.toFixed(1).padStart(6)} %`

const table = [`${'folder'.padEnd(60)} sentences headless  share`, ...counts.map(row)].join('\n')

process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(counts) : table}\n`)
