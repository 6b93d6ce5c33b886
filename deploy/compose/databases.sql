-- At the first start of the server; what is in them, the services make.
create database users;
create database history;
