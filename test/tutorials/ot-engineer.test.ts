/** Runs every command of docs/tutorials/ot-engineer.md. */
import { followTutorial } from './follow-tutorial.ts'

await followTutorial('ot-engineer')
