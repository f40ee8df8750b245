/** Replaces the versions below a folder, and says so; version-folder-kills.test.ts kills it. Usage: agent-versions-life.ts FOLDER */
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { replaceVersions } from './agent-versions.ts'

const [root = ''] = process.argv.slice(2)
if (await replaceVersions(root, nodeFileSystem)) process.stdout.write('done')
