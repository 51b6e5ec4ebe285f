DO 'a connection that did not prepare the transaction commits it';
