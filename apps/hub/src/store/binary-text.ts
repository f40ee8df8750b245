/**
 * Binary text: makes every text column of a migration compare by its bytes, as SQLite does, in any language of the
 * PostgreSQL database. Pages that continue after a name need this, and so do lists that must have the same order in
 * both stores.
 */
import {
  type DataTypeNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type QueryId,
  RawNode,
  type RootOperationNode,
} from 'kysely'

class TextColumns extends OperationNodeTransformer {
  protected override transformDataType(node: DataTypeNode, queryId?: QueryId): DataTypeNode {
    if (node.dataType !== 'text') return super.transformDataType(node, queryId)
    // Kysely prints a raw node in the place of a type.
    return RawNode.createWithSql('text collate "C"') as unknown as DataTypeNode
  }
}

/** The plugin for the connection that migrates. */
export function binaryText(): KyselyPlugin {
  const transformer = new TextColumns()
  return {
    transformQuery: ({ node, queryId }): RootOperationNode => transformer.transformNode(node, queryId),
    transformResult: async ({ result }) => result,
  }
}
