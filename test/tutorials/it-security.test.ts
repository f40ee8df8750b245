/**
 * Runs every command of docs/tutorials/it-security.md.
 * @module-tag deep two other tutorials show the quick tier that tutorials are followed
 */
import { followTutorial } from './follow-tutorial.ts'

await followTutorial('it-security')
