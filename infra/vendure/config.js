// The shop's configuration. The database is named by libpq's own variables (PGHOST, PGDATABASE, ...), which `pg` reads.
const { DefaultLogger, LogLevel, dummyPaymentHandler } = require('@vendure/core');

const text = (name) => ({ name, type: 'string', nullable: true, public: false });

exports.config = {
  apiOptions: {
    hostname: '127.0.0.1',
    port: Number(process.env.VENDURE_PORT),
    adminApiPath: 'admin-api',
    shopApiPath: 'shop-api',
    cors: false,
  },
  authOptions: {
    tokenMethod: 'bearer',
    superadminCredentials: {
      identifier: process.env.VENDURE_USERNAME,
      password: process.env.VENDURE_PASSWORD,
    },
  },
  dbConnectionOptions: {
    type: 'postgres',
    synchronize: process.env.VENDURE_SEED === '1',
    logging: false,
  },
  // Set through the Admin API, so that whoever runs the shop can say where its webhooks go while it runs.
  customFields: { Channel: [text('webhookUrl'), text('webhookSecret'), text('webhookAccount')] },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: false }),
};
