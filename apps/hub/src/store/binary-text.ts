/**
 * Binary text: makes every text column of a migration compare by its bytes, as SQLite does, whatever language the PostgreSQL database was
 * created for. Pages that go on after a name, and lists that both stores give in one order, rest on it.
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
    // Kysely writes a raw node wherever it would write a type.
    return RawNode.createWithSql('text collate "C"') as unknown as DataTypeNode
  }
}

/** For the connection that migrates. */
export function binaryText(): KyselyPlugin {
  const transformer = new TextColumns()
  return {
    transformQuery: ({ node, queryId }): RootOperationNode => transformer.transformNode(node, queryId),
    transformResult: async ({ result }) => result,
  }
}
