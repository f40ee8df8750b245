/** Runs every command of docs/tutorials/data-scientist.md. */
import { followTutorial } from './follow-tutorial.ts'

await followTutorial('data-scientist')
