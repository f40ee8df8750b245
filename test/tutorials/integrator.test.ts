/**
 * Runs every command of docs/tutorials/integrator.md.
 * @module-tag deep two other tutorials show the quick tier that tutorials are followed
 */
import { followTutorial } from './follow-tutorial.ts'

await followTutorial('integrator')
