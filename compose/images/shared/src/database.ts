/** What the stand-ins ask of a database, whichever of the two it is: statements are PostgreSQL's. */
export interface Queryable {
  query<T extends object = Record<string, unknown>>(statement: string, values?: unknown[]): Promise<Rows<T>>;
}

export interface Rows<T> {
  rows: T[];
  rowCount: number | null;
}

/** A connection of its own, for a transaction; with an error it is not used again. */
export interface DatabaseClient extends Queryable {
  release(error?: Error | boolean): void;
}

export interface Database extends Queryable {
  connect(): Promise<DatabaseClient>;
  end(): Promise<void>;
}
